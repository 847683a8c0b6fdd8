/** `sluice topic …`. */
import { type Command } from 'commander'
import { type PartitionDetail, type TopicDetail } from '../../engine/client/admin-shapes.ts'
import { pairOf } from '../config/read-config.ts'
import { withClient } from './connect.ts'
import { CommandError } from './failure.ts'
import { offsetsOf, partitionsOf, placeOf } from './places.ts'
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
  sluice topic delete orders
  sluice topic delete-records orders --before 2026-11-23T08:00:00Z
  sluice topic delete-records orders --partition 0 --before 1000`

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
  topic
    .command('delete-records <name>')
    .description('delete records from the start of partitions; the topic stays')
    .option('--partition <n>', 'only this partition')
    .option('--before <OFFSET|end|TIME>', 'what goes: all before an offset, the end or a time')
    .action(removeRecords)
}

async function create(name: string, options: CreateOptions, command: Command): Promise<void> {
  const shell = Shell.of(command)
  const { partitions, replicationFactor } = options
  const made = await withClient(shell, async ({ admin }) =>
    admin.createTopic(name, {
      ...(partitions !== undefined && { partitions: count(partitions, '--partitions') }),
      ...(replicationFactor !== undefined && {
        replicationFactor: count(replicationFactor, '--replication-factor'),
      }),
      config: Object.fromEntries((options.config ?? []).map(pairOf)),
      ifNotExists: options.ifNotExists === true,
    }),
  )
  shell.answer(
    { name, id: made.id ?? null, created: made.isNew },
    made.isNew ? `Topic ${name} created.` : `Topic ${name} exists.`,
  )
}

/** Sense is the cluster's business: it says why 0 or a billion is refused. */
function count(text: string, what: string): number {
  return wholeNumber(text, { what, max: 0x7fffffff })
}

async function listTopics(_: object, command: Command): Promise<void> {
  const shell = Shell.of(command)
  const topics = await withClient(shell, async ({ admin }) => admin.listTopics())
  shell.answer(
    topics.map(({ name, id, partitionCount, replicationFactor }) => ({
      ...{ name, id, partitions: partitionCount, replicationFactor },
    })),
    topics.map(({ name }) => name).join('\n'),
  )
}

interface DescribeOptions {
  readonly unavailable?: boolean
  readonly underReplicated?: boolean
}

async function describe(
  name: string | undefined,
  options: DescribeOptions,
  command: Command,
): Promise<void> {
  const shell = Shell.of(command)
  const described = await withClient(shell, async ({ admin }) => {
    const names = name === undefined ? (await admin.listTopics()).map((one) => one.name) : [name]
    return Promise.all(names.map(async (one) => printed(await admin.describeTopic(one), options)))
  })
  await shell.answerTable(name === undefined ? described : described[0], {
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

interface PrintedTopic extends Omit<TopicDetail, 'partitions'> {
  readonly partitions: readonly (Omit<PartitionDetail, 'leader' | 'highWatermark'> & {
    readonly leader: number | null
    readonly highWatermark: number | null
  })[]
}

function printed(topic: TopicDetail, options: DescribeOptions): PrintedTopic {
  const kept = topic.partitions.filter(
    (one) =>
      (options.unavailable !== true || one.leader === undefined) &&
      (options.underReplicated !== true || one.isr.length < one.replicas.length),
  )
  const partitions = kept.map((one) => ({
    ...one,
    leader: one.leader ?? null,
    highWatermark: one.highWatermark ?? null,
  }))
  return { ...topic, partitions }
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
  await withClient(shell, async ({ admin }) => {
    if (partitions !== undefined)
      await admin.createPartitions(name, count(partitions, '--partitions'))
    if (config.length > 0)
      await admin.alterConfig({ type: 'topic', name }, Object.fromEntries(config.map(pairOf)))
  })
  shell.answer({ name, altered: true }, `Topic ${name} is altered.`)
}

async function remove(name: string, _: object, command: Command): Promise<void> {
  const shell = Shell.of(command)
  await withClient(shell, async (client) => client.admin.deleteTopic(name))
  shell.answer({ name, deleted: true }, `Topic ${name} is deleted.`)
}

async function removeRecords(
  name: string,
  options: { partition?: string; before?: string },
  command: Command,
): Promise<void> {
  const shell = Shell.of(command)
  if (options.before === undefined)
    throw new CommandError('USAGE', 'Say what to delete: --before OFFSET, end or a time.')
  const place = placeOf(options.before, '--before')
  const deleted = await withClient(shell, async (client) => {
    const bounds = await offsetsOf(client, name, place)
    const partitions = partitionsOf(options.partition, { topic: name, count: bounds.length })
    const deletions = partitions.map((partition) => ({ partition, before: bounds[partition] ?? 0 }))
    return client.admin.deleteRecords(name, deletions)
  })
  await shell.answerTable(
    { name, partitions: deleted },
    {
      head: ['TOPIC', 'PARTITION', 'LOW-WATERMARK'],
      rows: deleted.map((one) => [name, String(one.partition), String(one.lowWatermark)]),
    },
  )
}
