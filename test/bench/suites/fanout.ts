/** Many consumers of one topic: what one broker hands over to all of them together, from the page cache. */
import { Client } from '../../../src/app/sdk/index.ts'
import { startTemporaryCluster } from '../../processes/temporary-cluster.ts'
import { fill, runLoad } from '../cases/sluice-side.ts'
import { type Row, type Suite } from '../row.ts'

const recordBytes = 1024
const consumerCounts = [1, 4, 16] as const

/** MB a second delivered, by the number of consumers. */
export const fanout: Suite = async ({ isQuick }) => {
  await using running = await startTemporaryCluster({ nodeCount: 1 })
  await using client = new Client({ bootstrap: running.bootstrap })
  const topic = 'fanout'
  const recordCount = isQuick ? 20_000 : 500_000
  await client.admin.createTopic(topic, { partitions: 6, config: { flush: 'interval' } })
  await fill(client, topic, { recordBytes }, recordCount)
  const rows: Row[] = []
  for (const consumerCount of consumerCounts) {
    const { recordsPerSecond, brokerCpuSeconds, seconds } = await runLoad({
      bootstrap: running.bootstrap,
      topic,
      work: { type: 'consume', recordBytes, recordCount, consumerCount },
      warmUpSeconds: 0,
      seconds: 60,
      brokerPids: running.status.nodes.flatMap(({ pid }) => pid ?? []),
    })
    const megabytesPerSecond = (recordsPerSecond * recordBytes) / 1e6
    const name = `fanout: ${consumerCount} consumer(s)`
    rows.push(
      { name, value: megabytesPerSecond, unit: 'MB/s' },
      {
        name: `${name}, CPU of the broker`,
        value: (1000 * brokerCpuSeconds) / (megabytesPerSecond * seconds),
        unit: 's/GB',
      },
    )
  }
  return rows
}
