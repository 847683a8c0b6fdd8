/** `sluice quorum …`: the metadata quorum as its leader sees it. */
import { type Command } from 'commander'
import { type DescribeQuorumResponse, type QuorumReplica } from '../../core/api/quorum.ts'
import { withClient } from './connect.ts'
import { Shell } from './shell.ts'

/** Adds the command. */
export function addCommand(program: Command): void {
  const quorum = program
    .command('quorum')
    .description('The metadata quorum.')
    .addHelpText('after', '\nExamples:\n  sluice quorum status --json\n  sluice quorum replication')
  quorum.command('status').description('leader, epoch, high watermark, replicas').action(status)
  quorum.command('replication').description('how far each replica is').action(replication)
}

interface PrintedReplica {
  readonly id: number
  readonly directoryId: string
  readonly logEndOffset: number
  readonly lag: number
  readonly lagMs: number
  readonly lastFetchMs: number
}

async function status(_: object, command: Command): Promise<void> {
  const shell = Shell.of(command)
  const quorum = await describe(shell)
  const voters = quorum.voters.map((one) => print(one, quorum))
  const observers = quorum.observers.map((one) => print(one, quorum))
  const { leaderId, epoch, highWatermark } = quorum
  await shell.answerTable(
    { leaderId, epoch, highWatermark, voters, observers },
    {
      head: ['FIELD', 'VALUE'],
      rows: [
        ['leader', String(leaderId)],
        ['epoch', String(epoch)],
        ['high watermark', String(highWatermark)],
        ['voters', voters.map(({ id }) => id).join(',')],
        ['observers', observers.map(({ id }) => id).join(',')],
      ],
    },
  )
}

async function replication(_: object, command: Command): Promise<void> {
  const shell = Shell.of(command)
  const quorum = await describe(shell)
  const replicas = [
    ...quorum.voters.map((one) => ({ ...print(one, quorum), role: roleOf(one, quorum) })),
    ...quorum.observers.map((one) => ({ ...print(one, quorum), role: 'observer' })),
  ]
  await shell.answerTable(replicas, {
    head: ['ID', 'ROLE', 'DIRECTORY', 'LOG-END-OFFSET', 'LAG', 'LAG-MS', 'LAST-FETCH-MS'],
    rows: replicas.map((one) => [
      String(one.id),
      one.role,
      one.directoryId,
      String(one.logEndOffset),
      String(one.lag),
      String(Math.round(one.lagMs)),
      String(Math.round(one.lastFetchMs)),
    ]),
  })
}

async function describe(shell: Shell): Promise<DescribeQuorumResponse> {
  return withClient(shell, async (client) => client.admin.describeQuorum())
}

function roleOf(replica: QuorumReplica, quorum: DescribeQuorumResponse): string {
  return replica.nodeId === quorum.leaderId ? 'leader' : 'follower'
}

function print(replica: QuorumReplica, quorum: DescribeQuorumResponse): PrintedReplica {
  const leader = quorum.voters.find((one) => one.nodeId === quorum.leaderId)
  return {
    id: replica.nodeId,
    directoryId: replica.directoryId,
    logEndOffset: replica.logEndOffset,
    lag: Math.max(0, (leader?.logEndOffset ?? quorum.highWatermark) - replica.logEndOffset),
    lagMs: replica.lagMs,
    lastFetchMs: replica.lastFetchMs,
  }
}
