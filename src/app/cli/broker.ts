/** `sluice broker …`. */
import { type Command } from 'commander'
import { type BrokerDescription, type MetadataResponse } from '../../core/api/metadata.ts'
import { withClient } from './connect.ts'
import { CommandError } from './failure.ts'
import { Shell, wholeNumber } from './shell.ts'

/** Adds the command. */
export function addCommand(program: Command): void {
  const broker = program
    .command('broker')
    .description('Brokers.')
    .addHelpText('after', '\nExamples:\n  sluice broker list\n  sluice broker describe 2 --json')
  broker.command('list').description('registered brokers').action(list)
  broker
    .command('describe <id>')
    .description('one broker: endpoints, state, the partitions it leads and holds')
    .action(describe)
}

async function list(_: object, command: Command): Promise<void> {
  const shell = Shell.of(command)
  const cluster = await withClient(shell, async (client) =>
    client.admin.describeCluster({ topics: 'all' }),
  )
  const brokers = cluster.brokers.map((broker) => print(broker, cluster))
  await shell.answerTable(brokers, {
    head: ['ID', 'STATE', 'ADDRESS', 'RACK', 'LEADS', 'HOLDS', 'CONTROLLER'],
    rows: brokers.map((one) => [
      String(one.id),
      one.state,
      one.endpoints.map(({ host, port }) => `${host}:${port}`).join(','),
      one.rack ?? '-',
      String(one.leads.length),
      String(one.holds.length),
      one.isController ? 'active' : '-',
    ]),
  })
}

async function describe(id: string, _: object, command: Command): Promise<void> {
  const shell = Shell.of(command)
  const wanted = wholeNumber(id, { what: 'sluice broker describe' })
  const cluster = await withClient(shell, async (client) =>
    client.admin.describeCluster({ topics: 'all' }),
  )
  const found = cluster.brokers.find((broker) => broker.id === wanted)
  if (found === undefined)
    throw new CommandError(
      'FAILED',
      `There is no broker ${wanted}: the cluster has ${cluster.brokers.map((one) => one.id).join(', ')}.`,
    )
  const printed = print(found, cluster)
  await shell.answerTable(printed, {
    head: ['FIELD', 'VALUE'],
    rows: Object.entries(printed).map(([key, value]) => [
      key,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  })
}

interface PrintedBroker {
  readonly id: number
  readonly state: 'running' | 'fenced' | 'stopping'
  readonly epoch: number
  readonly rack: string | null
  readonly endpoints: BrokerDescription['endpoints']
  readonly isController: boolean
  readonly leads: readonly string[]
  readonly holds: readonly string[]
}

function print(broker: BrokerDescription, cluster: MetadataResponse): PrintedBroker {
  const partitions = cluster.topics.flatMap((topic) =>
    topic.partitions.map((one) => ({ ...one, name: `${topic.name}-${one.partition}` })),
  )
  return {
    id: broker.id,
    state: stateOf(broker),
    epoch: broker.epoch,
    rack: broker.rack ?? null,
    endpoints: broker.endpoints,
    isController: cluster.controllerId === broker.id,
    leads: partitions.filter((one) => one.leader === broker.id).map((one) => one.name),
    holds: partitions.filter((one) => one.replicas.includes(broker.id)).map((one) => one.name),
  }
}

function stateOf(broker: BrokerDescription): PrintedBroker['state'] {
  if (broker.isFenced) return 'fenced'
  return broker.inControlledShutdown ? 'stopping' : 'running'
}
