/** `sluice elect preferred`: leadership goes back to the first replica of each partition. */
import { type Command } from 'commander'
import { partitionIndex } from '../../base/id.ts'
import { withClient } from './connect.ts'
import { CommandError } from './failure.ts'
import { Shell, wholeNumber } from './shell.ts'

interface ElectOptions {
  readonly topic?: string
  readonly partition?: string
}

/** Adds the command. */
export function addCommand(program: Command): void {
  const elect = program
    .command('elect')
    .description('Move leadership.')
    .addHelpText(
      'after',
      '\nExamples:\n  sluice elect preferred\n  sluice elect preferred --topic orders --partition 0',
    )
  elect
    .command('preferred')
    .description('let the first replica of each partition lead, where it is in sync')
    .option('--topic <name>', 'only this topic')
    .option('--partition <n>', 'only this partition of it')
    .action(preferred)
}

async function preferred(options: ElectOptions, command: Command): Promise<void> {
  const shell = Shell.of(command)
  const changed = await withClient(shell, async ({ admin }) => {
    if (options.topic === undefined) return admin.electLeaders()
    const { topics } = await admin.describeCluster({ topics: [options.topic] })
    const [topic] = topics
    if (topic?.error !== undefined)
      throw Object.assign(new Error(topic.error.message), { code: topic.error.code })
    const only =
      options.partition === undefined
        ? undefined
        : wholeNumber(options.partition, { what: '--partition' })
    const wanted = (topic?.partitions ?? []).filter(
      ({ partition }) => only === undefined || partition === only,
    )
    if (wanted.length === 0)
      throw new CommandError('FAILED', `Topic ${options.topic} has no partition ${only ?? ''}.`)
    return admin.electLeaders(
      wanted.map(({ partition }) => ({
        topic: topic?.name ?? '',
        partition: partitionIndex(partition),
      })),
    )
  })
  const done = changed.filter(
    ({ error }) => error === undefined || error.code === 'ELECTION_NOT_NEEDED',
  )
  const failed = changed.filter(
    ({ error }) => error !== undefined && error.code !== 'ELECTION_NOT_NEEDED',
  )
  shell.answer(
    changed.map((one) => ({ ...one, error: one.error ?? null })),
    [
      `${done.length} of ${changed.length} partitions are led by their preferred replica.`,
      ...failed.map(
        ({ topic, partition, error }) => `${topic}-${partition}: ${error?.message ?? ''}`,
      ),
    ].join('\n'),
  )
  if (failed.length > 0) process.exitCode = 1
}
