/** `sluice topic …`. */
import { type Command } from 'commander'
import { type PartitionDescription, type TopicDescription } from '../../core/api/metadata.ts'
import { type Client } from '../../engine/client/client.ts'
import { pairOf } from '../config/read-config.ts'
import { withClient } from './connect.ts'
import { CommandError, describeFailure } from './failure.ts'
import { collect, Shell, wholeNumber } from './shell.ts'

interface CreateOptions {
  readonly partitions?: string
  readonly replicationFactor?: string
  readonly config?: readonly string[]
  readonly ifNotExists?: boolean
}

const help = `
Examples:
  sluice topic create orders --partitions 6 --replication-factor 3 --config segment.bytes=1048576
  sluice topic describe orders --json
  sluice topic alter orders --partitions 12
  sluice topic delete orders`

/** Adds the command. */
export function addCommand(program: Command): void {
  const topic = program.command('topic').description('Topics.').addHelpText('after', help)
  topic
    .command('create <name>')
    .description('create a topic')
    .option('--partitions <n>', 'default: num.partitions of the cluster')
    .option('--replication-factor <n>', 'default: the smaller of 3 and the number of brokers')
    .option('--config <key=value>', 'a setting of the topic (repeatable)', collect)
    .option('--if-not-exists', 'an existing topic is fine')
    .action(create)
  topic.command('list').description('names of all topics').action(listTopics)
  topic
    .command('describe [name]')
    .description('partitions, leaders, replicas; of every topic without a name')
    .option('--unavailable', 'only partitions without a leader')
    .option('--under-replicated', 'only partitions with replicas out of sync')
    .action(describe)
  topic
    .command('alter <name>')
    .description('add partitions, change settings')
    .option('--partitions <n>', 'the new number of partitions')
    .option('--config <key=value>', 'a setting of the topic (repeatable)', collect)
    .action(alter)
  topic.command('delete <name>').description('delete a topic and its records').action(remove)
}

async function create(name: string, options: CreateOptions, command: Command): Promise<void> {
  const shell = Shell.of(command)
  const { partitions, replicationFactor } = options
  const made = await withClient(shell, async (client) =>
    client.admin
      .createTopic(name, {
        ...(partitions !== undefined && {
          partitions: wholeNumber(partitions, { what: '--partitions' }),
        }),
        ...(replicationFactor !== undefined && {
          replicationFactor: wholeNumber(replicationFactor, { what: '--replication-factor' }),
        }),
        config: Object.fromEntries((options.config ?? []).map(pairOf)),
      })
      .catch((cause: unknown) => {
        if (options.ifNotExists === true && describeFailure(cause).code === 'TOPIC_ALREADY_EXISTS')
          return undefined
        throw cause
      }),
  )
  if (made === undefined) shell.answer({ name, created: false }, `Topic ${name} exists.`)
  else
    shell.answer(
      {
        name,
        id: made.id,
        partitions: made.partitions,
        replicationFactor: made.replicationFactor,
        created: true,
      },
      `Topic ${name} created: ${made.partitions} partitions, ${made.replicationFactor} replicas each.`,
    )
}

async function listTopics(_: object, command: Command): Promise<void> {
  const shell = Shell.of(command)
  const { topics } = await withClient(shell, async (client) =>
    client.admin.describeCluster({ topics: 'all' }),
  )
  const sorted = [...topics].sort((a, b) => (a.name < b.name ? -1 : 1))
  shell.answer(
    sorted.map((one) => ({
      name: one.name,
      id: one.id,
      partitions: one.partitions.length,
      replicationFactor: one.partitions[0]?.replicas.length ?? 0,
    })),
    sorted.map((one) => one.name).join('\n'),
  )
}

interface DescribedPartition extends PartitionDescription {
  readonly highWatermark: number | null
}

async function describe(
  name: string | undefined,
  options: { unavailable?: boolean; underReplicated?: boolean },
  command: Command,
): Promise<void> {
  const shell = Shell.of(command)
  const described = await withClient(shell, async (client) => {
    const { topics } = await client.admin.describeCluster({
      topics: name === undefined ? 'all' : [name],
    })
    return Promise.all(topics.map(async (topic) => describeOne(client, topic, options)))
  })
  const [first] = described
  const json = name === undefined ? described : first
  await shell.answerTable(json, {
    head: ['TOPIC', 'PARTITION', 'LEADER', 'EPOCH', 'REPLICAS', 'ISR', 'ELR', 'HIGH-WATERMARK'],
    rows: described.flatMap((topic) =>
      topic.partitions.map((one) => [
        topic.name,
        String(one.partition),
        String(one.leader ?? 'none'),
        String(one.leaderEpoch),
        one.replicas.join(','),
        one.isr.join(','),
        one.elr.join(','),
        String(one.highWatermark ?? '?'),
      ]),
    ),
  })
}

async function describeOne(
  client: Client,
  topic: TopicDescription,
  filter: { unavailable?: boolean; underReplicated?: boolean },
): Promise<
  object & {
    name: string
    partitions: readonly (Omit<DescribedPartition, 'leader'> & { leader: number | null })[]
  }
> {
  if (topic.error !== undefined)
    throw Object.assign(new Error(topic.error.message), { code: topic.error.code })
  const [config, ends] = await Promise.all([
    client.admin.describeConfigs({ type: 'topic', name: topic.name }),
    client.admin.highWatermarks(topic.name).catch(() => new Map<number, number>()),
  ])
  const kept = topic.partitions.filter(
    (one) =>
      (filter.unavailable !== true || one.leader === undefined) &&
      (filter.underReplicated !== true || one.isr.length < one.replicas.length),
  )
  return {
    name: topic.name,
    id: topic.id,
    config: Object.fromEntries(
      config.filter((entry) => entry.source === 'topic').map((entry) => [entry.key, entry.value]),
    ),
    partitions: kept.map((one) => ({
      ...one,
      leader: one.leader ?? null,
      highWatermark: ends.get(one.partition) ?? null,
    })),
  }
}

async function alter(
  name: string,
  options: { partitions?: string; config?: readonly string[] },
  command: Command,
): Promise<void> {
  const shell = Shell.of(command)
  const { partitions, config = [] } = options
  if (partitions === undefined && config.length === 0)
    throw new CommandError('USAGE', 'Say what to change: --partitions N or --config key=value.')
  await withClient(shell, async (client) => {
    if (partitions !== undefined)
      await client.admin.createPartitions(
        name,
        wholeNumber(partitions, { what: '--partitions', min: 1 }),
      )
    if (config.length > 0)
      await client.admin.alterConfigs(
        { type: 'topic', name },
        config.map(pairOf).map(([key, value]) => ({ key, value })),
      )
  })
  shell.answer({ name, altered: true }, `Topic ${name} is altered.`)
}

async function remove(name: string, _: object, command: Command): Promise<void> {
  const shell = Shell.of(command)
  await withClient(shell, async (client) => client.admin.deleteTopic(name))
  shell.answer({ name, deleted: true }, `Topic ${name} is deleted.`)
}
