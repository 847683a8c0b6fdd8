/** What a broker holds: under load, and with thousands of connections and partitions that do nothing. */
import { Client } from '../../../src/app/sdk/index.ts'
import { startTemporaryCluster, type TemporaryCluster } from '../../processes/temporary-cluster.ts'
import { runLoad } from '../cases/sluice-side.ts'
import { type LoadResult, type Work } from '../load/spec.ts'
import { type Row, type Suite } from '../row.ts'

const createLimitMs = 300_000

/** Resident memory of one broker. */
export const memory: Suite = async ({ isQuick }) => [
  await loaded(isQuick),
  await idleConnections(isQuick),
]

async function loaded(isQuick: boolean): Promise<Row> {
  await using running = await startTemporaryCluster({ nodeCount: 1 })
  const work = { type: 'produce', recordBytes: 1024, call: 'send-many' } as const
  const { brokerRssMiB } = await onTopic(running, 6, { work, seconds: isQuick ? 3 : 30 })
  return { name: 'memory: loaded broker', value: mebiToMega(brokerRssMiB), unit: 'MB', atMost: 400 }
}

async function idleConnections(isQuick: boolean): Promise<Row> {
  await using running = await startTemporaryCluster({ nodeCount: 1 })
  const connectionCount = isQuick ? 200 : 2000
  const partitionCount = isQuick ? 1000 : 10_000
  const work = { type: 'connect', recordBytes: 0, connectionCount } as const
  const { brokerRssMiB } = await onTopic(running, partitionCount, {
    work,
    seconds: isQuick ? 1 : 20,
  })
  return {
    name: `memory: ${connectionCount} idle connections and ${partitionCount} idle partitions`,
    value: mebiToMega(brokerRssMiB),
    unit: 'MB',
    atMost: 500,
  }
}

async function onTopic(
  running: TemporaryCluster,
  partitions: number,
  { work, seconds }: { readonly work: Work; readonly seconds: number },
): Promise<LoadResult> {
  const { bootstrap, status } = running
  await using client = new Client({ bootstrap })
  const topic = 'memory'
  await client.admin.createTopic(topic, { partitions, timeoutMs: createLimitMs })
  const brokerPids = status.nodes.flatMap(({ pid }) => pid ?? [])
  return await runLoad({ bootstrap, topic, work, warmUpSeconds: 1, seconds, brokerPids })
}

function mebiToMega(mebibytes: number): number {
  return (mebibytes * 2 ** 20) / 1e6
}
