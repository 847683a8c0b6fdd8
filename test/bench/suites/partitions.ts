/**
 * Throughput by the number of partitions: one broker, page cache, batches of 16 KiB, records without
 * keys. The baseline of each row is the figure with 10 partitions.
 */
import { Client } from '../../../src/app/sdk/index.ts'
import { startTemporaryCluster } from '../../processes/temporary-cluster.ts'
import { runLoad } from '../cases/sluice-side.ts'
import { type Row, type Suite } from '../row.ts'

const recordBytes = 1024
const batchBytesMax = 16_384
const createLimitMs = 300_000
const rounds = [
  { partitionCount: 1 },
  { partitionCount: 10 },
  { partitionCount: 100 },
  { partitionCount: 1000, goal: 0.9 },
  { partitionCount: 10_000, goal: 0.7 },
] as const

/** Each count on a cluster of its own. */
export const partitions: Suite = async ({ isQuick }) => {
  const measured: { partitionCount: number; goal?: number; megabytes: number; rss: number }[] = []
  for (const round of rounds) measured.push({ ...round, ...(await measure(round, isQuick)) })
  const baseline = measured.find(({ partitionCount }) => partitionCount === 10)?.megabytes
  return measured.flatMap(({ partitionCount, goal, megabytes, rss }): readonly Row[] => [
    {
      name: `partitions: ${partitionCount}`,
      value: megabytes,
      unit: 'MB/s',
      ...(baseline !== undefined && { baseline, ratio: megabytes / baseline }),
      ...(goal !== undefined && { goal }),
    },
    { name: `partitions: ${partitionCount}, memory of the broker`, value: rss, unit: 'MiB' },
  ])
}

async function measure(
  { partitionCount }: { readonly partitionCount: number },
  isQuick: boolean,
): Promise<{ readonly megabytes: number; readonly rss: number }> {
  await using running = await startTemporaryCluster({ nodeCount: 1 })
  await using client = new Client({ bootstrap: running.bootstrap })
  const topic = 'partitions'
  await client.admin.createTopic(topic, {
    partitions: partitionCount,
    replicationFactor: 1,
    config: { flush: 'interval' },
    timeoutMs: createLimitMs,
  })
  const { recordsPerSecond, brokerRssMiB } = await runLoad({
    bootstrap: running.bootstrap,
    topic,
    work: { type: 'produce', recordBytes, call: 'send-many', batchBytesMax },
    warmUpSeconds: isQuick ? 1 : 5,
    seconds: isQuick ? 1 : 10,
    brokerPids: running.status.nodes.flatMap(({ pid }) => pid ?? []),
  })
  return { megabytes: (recordsPerSecond * recordBytes) / 1e6, rss: brokerRssMiB }
}
