/** Reads a topic from its beginning with one consumer, in batches, to a given count of records. */
import { type Client, serde } from '../../../src/app/sdk/index.ts'
import { type LoadResult, type LoadSpec, type Work } from './spec.ts'
import { Window } from './window.ts'

type ConsumeWork = Extract<Work, { type: 'consume' }>

/** From the subscription to the last record; every value's length and first byte are read. */
export async function consume(
  client: Client,
  spec: LoadSpec,
  work: ConsumeWork,
): Promise<LoadResult> {
  await client.admin.describeTopic(spec.topic)
  const window = new Window(spec.brokerPids)
  const consumers = Array.from({ length: work.consumerCount ?? 1 }, async () =>
    readAll(client, spec.topic, work),
  )
  const counts = await Promise.all(consumers)
  return window.end(counts.reduce((sum, count) => sum + count, 0))
}

async function readAll(client: Client, name: string, work: ConsumeWork): Promise<number> {
  await using consumer = client.consumer({ from: 'beginning' })
  const topic = client.topic(name, { value: serde.bytes })
  let count = 0
  let bytes = 0
  let checksum = 0
  for await (const batch of consumer.batches(topic)) {
    for (const { value } of batch) {
      bytes += value.length
      checksum = (checksum + (value[0] ?? 0)) | 0
      count += 1
    }
    if (count >= work.recordCount) break
  }
  if (bytes === count * work.recordBytes && checksum !== 0) return count
  throw new Error(`read ${count} records of ${bytes} bytes together, first bytes sum ${checksum}`)
}
