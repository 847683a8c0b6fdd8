/** Throughput of `sendMany` with 1 KiB records and the SDK's defaults; the client shares the machine with the brokers. */
import { Client, serde } from '../../../src/app/sdk/index.ts'
import { type Row } from '../row.ts'
import { startTemporaryCluster } from '../../processes/temporary-cluster.ts'

const recordBytes = 1024
const partitionCount = 6
const chunkCount = 1000

/** One broker with one replica, and three brokers with three and acks=all; `log.flush=ack`. */
export async function produce({ isQuick }: { readonly isQuick: boolean }): Promise<readonly Row[]> {
  const seconds = isQuick ? 5 : 30
  return [
    {
      name: 'produce: one broker, 1 replica, 1 KiB, sendMany',
      value: await measure(1, seconds),
      unit: 'MB/s',
      atLeast: 150,
    },
    {
      name: 'produce: three brokers, 3 replicas, acks=all, 1 KiB, sendMany',
      value: await measure(3, seconds),
      unit: 'MB/s',
      atLeast: 60,
    },
  ]
}

async function measure(nodeCount: number, seconds: number): Promise<number> {
  await using running = await startTemporaryCluster({ nodeCount })
  await using client = new Client({ bootstrap: running.bootstrap, clientId: 'bench' })
  await client.admin.createTopic('load', {
    partitions: partitionCount,
    replicationFactor: nodeCount,
  })
  const topic = client.topic('load', { value: serde.bytes })
  await using producer = client.producer()
  const value = new Uint8Array(recordBytes).map((_, index) => (index * 31) % 251)
  const chunk = Array.from({ length: chunkCount }, () => ({ value }))
  const warmUpMs = 2000
  let startedAtMs = performance.now()
  let sentCount = 0
  let isWarm = false
  while (performance.now() - startedAtMs < (isWarm ? seconds * 1000 : warmUpMs)) {
    await producer.sendMany(topic, chunk)
    sentCount += chunkCount
    if (!isWarm && performance.now() - startedAtMs >= warmUpMs) {
      await producer.flush()
      isWarm = true
      sentCount = 0
      startedAtMs = performance.now()
    }
  }
  await producer.flush()
  return (sentCount * recordBytes) / 1e6 / ((performance.now() - startedAtMs) / 1000)
}
