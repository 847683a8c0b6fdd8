/**
 * How long writes pause after a kill -9: for each trial the longest time on any partition without an
 * acknowledgement; the median over the trials.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { Client } from '../../../src/app/sdk/index.ts'
import { median, type Row } from '../row.ts'
import { startTemporaryCluster, type TemporaryCluster } from '../../processes/temporary-cluster.ts'

const topicName = 'failover'
const partitionCount = 6
const sendEveryMs = 10
const watchMs = 6000

/** Kills of a broker, of the active controller with combined roles, and with roles split. */
export async function failover({
  isQuick,
}: {
  readonly isQuick: boolean
}): Promise<readonly Row[]> {
  const trials = isQuick ? 1 : 5
  const combined = await onCluster(false, async (running) => ({
    broker: await repeat(trials, async () => pauseAfterKill(running, 'broker')),
    controller: await repeat(trials, async () => pauseAfterKill(running, 'controller')),
  }))
  const split = await onCluster(true, async (running) =>
    repeat(trials, async () => pauseAfterKill(running, 'controller')),
  )
  return [
    {
      name: 'failover: broker kill -9, longest pause',
      value: combined.broker,
      unit: 'ms',
      atMost: 3000,
    },
    {
      name: 'failover: active controller kill -9, combined roles, longest pause',
      value: combined.controller,
      unit: 'ms',
      atMost: 4000,
    },
    {
      name: 'failover: active controller kill -9, split roles, longest pause',
      value: split,
      unit: 'ms',
      atMost: 100,
    },
  ]
}

async function onCluster<T>(
  isSplit: boolean,
  work: (running: TemporaryCluster) => Promise<T>,
): Promise<T> {
  await using running = await startTemporaryCluster({ isSplit })
  await using client = new Client({ bootstrap: running.bootstrap })
  await client.admin.createTopic(topicName, { partitions: partitionCount, replicationFactor: 3 })
  return await work(running)
}

async function repeat(trials: number, work: () => Promise<number>): Promise<number> {
  const values: number[] = []
  for (let trial = 0; trial < trials; trial += 1) values.push(await work())
  process.stderr.write(`  pauses: ${values.map(Math.round).join(', ')} ms\n`)
  return median(values)
}

/** One trial; the killed node is brought back and in sync when it ends. */
async function pauseAfterKill(
  running: TemporaryCluster,
  role: 'broker' | 'controller',
): Promise<number> {
  await using client = new Client({ bootstrap: running.bootstrap })
  await waitUntilWhole(client)
  const lastAckMs = new Array<number>(partitionCount).fill(Infinity)
  const longestMs = new Array<number>(partitionCount).fill(0)
  const abort = new AbortController()
  const writing = Promise.all(
    lastAckMs.map(async (_, partition) => {
      await using producer = client.producer()
      const pending: Promise<void>[] = []
      while (!abort.signal.aborted) {
        pending.push(
          producer.send(topicName, { value: new Uint8Array(100), partition }).then(() => {
            const nowMs = performance.now()
            const gapMs = nowMs - (lastAckMs[partition] ?? nowMs)
            longestMs[partition] = Math.max(longestMs[partition] ?? 0, gapMs)
            lastAckMs[partition] = nowMs
          }),
        )
        await pause(sendEveryMs)
      }
      await Promise.all(pending)
    }),
  )
  await pause(1000)
  longestMs.fill(0)
  const { leaderId } = await client.admin.describeQuorum()
  const brokers = running.status.nodes.filter(({ roles }) => roles.includes('broker'))
  const victim = role === 'controller' ? leaderId : brokers.find(({ id }) => id !== leaderId)?.id
  if (victim === undefined) throw new Error('there is nobody to kill')
  await running.cluster.kill(victim)
  await pause(watchMs)
  abort.abort()
  await writing
  await running.cluster.start(victim)
  await waitUntilWhole(client)
  return Math.max(...longestMs)
}

async function waitUntilWhole(client: Client): Promise<void> {
  for (;;) {
    const { partitions } = await client.admin.describeTopic(topicName)
    const isWhole = ({ isr, replicas, leader }: (typeof partitions)[number]): boolean =>
      isr.length === replicas.length && leader === replicas[0]
    if (partitions.every(isWhole)) return
    await pause(100)
  }
}
