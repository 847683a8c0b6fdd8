/** `sluice logdirs …`: the log directories of brokers, and moves between them. */
import { type Command } from 'commander'
import { withClient } from './connect.ts'
import { CommandError } from './failure.ts'
import { Shell, wholeNumber } from './shell.ts'

interface ListOptions {
  readonly broker?: string
  readonly topic?: string
}

interface MoveOptions {
  readonly broker: string
  readonly to: string
}

const help = `
Examples:
  sluice logdirs --topic orders
  sluice logdirs --broker 2 --json
  sluice logdirs move orders-0 --broker 2 --to /disk2/data`

/** Adds the command. */
export function addCommand(program: Command): void {
  const logdirs = program
    .command('logdirs')
    .description('Log directories of brokers: state, room, and the logs in them.')
    .addHelpText('after', help)
  // A command of its own: options of the group would take --broker away from `move`.
  logdirs
    .command('list', { isDefault: true })
    .description('all of them; what `sluice logdirs` alone does')
    .option('--broker <id>', 'of this broker alone')
    .option('--topic <name>', 'logs of this topic alone')
    .action(list)
  logdirs
    .command('move <topic-partition>')
    .description('move a replica to another directory of its broker, in the background')
    .requiredOption('--broker <id>', 'which broker’s replica')
    .requiredOption('--to <path>', 'a path of its log.dirs; where it is already: gives a move up')
    .action(move)
}

async function list({ broker, topic }: ListOptions, command: Command): Promise<void> {
  const shell = Shell.of(command)
  const only = broker === undefined ? undefined : wholeNumber(broker, { what: '--broker' })
  const brokers = await withClient(shell, async (client) => {
    const wanted = topic === undefined ? 'none' : 'all'
    const cluster = await client.admin.describeCluster({ topics: wanted })
    if (topic !== undefined && !cluster.topics.some(({ name }) => name === topic))
      throw new CommandError('FAILED', `There is no topic ${topic}.`)
    const ids = cluster.brokers.map(({ id }) => Number(id)).filter((id) => id === (only ?? id))
    const topics = topic === undefined ? {} : { topics: [topic] }
    return Promise.all(
      ids.map(async (id) => ({
        broker: id,
        directories: await client.admin.describeLogDirs(id, topics),
      })),
    )
  })
  if (only !== undefined && brokers.length === 0)
    throw new CommandError('FAILED', `There is no broker ${only}.`)
  const rows = brokers.flatMap((one) =>
    one.directories.flatMap(({ path, state, disk, logs }) => [
      [String(one.broker), path, state, megabytes(disk?.freeBytes), megabytes(disk?.totalBytes), '', '', ''], // prettier-ignore
      ...logs.map((log) => {
        const name = `${log.topic}-${log.partition}${log.isFuture ? ' (coming)' : ''}`
        return ['', '', '', '', '', name, megabytes(log.bytes), String(log.offsetLag)]
      }),
    ]),
  )
  await shell.answerTable(brokers, {
    head: ['BROKER', 'PATH', 'STATE', 'FREE MB', 'TOTAL MB', 'LOG', 'MB', 'LAG'],
    rows,
  })
}

async function move(name: string, options: MoveOptions, command: Command): Promise<void> {
  const shell = Shell.of(command)
  const { broker, to } = options
  const id = wholeNumber(broker, { what: '--broker' })
  const [, topic = '', index = ''] = /^(.+)-(\d+)$/.exec(name) ?? []
  if (topic === '')
    throw new CommandError('USAGE', `sluice logdirs move takes TOPIC-PARTITION, not '${name}'.`)
  const partition = wholeNumber(index, { what: 'The partition', max: 2 ** 31 - 1 })
  await withClient(shell, async (client) =>
    client.admin.moveReplica({ broker: id, topic, partition, path: to }),
  )
  shell.answer(
    { broker: id, topic, partition, path: to },
    `Moving ${name} of broker ${id} to ${to}; sluice logdirs shows how far it is.`,
  )
}

function megabytes(bytes: number | undefined): string {
  return bytes === undefined ? '-' : (bytes / 1e6).toFixed(1)
}
