/**
 * One record at a time from producer to consumer, as Kafka's EndToEndLatency does it: send, wait for
 * the acknowledgement, wait for the record at the consumer, note the time, go on. No warm-up there,
 * so none here.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { type Client, type ConsumedRecord, serde } from '../../../src/app/sdk/index.ts'
import { Histogram } from './histogram.ts'
import { payloads } from './payload.ts'
import { type LoadResult, type LoadSpec, type Work } from './spec.ts'
import { Window } from './window.ts'

type EndToEndWork = Extract<Work, { type: 'end-to-end' }>

/** Latencies of so many records, one after the other. */
export async function endToEnd(
  client: Client,
  spec: LoadSpec,
  work: EndToEndWork,
): Promise<LoadResult> {
  const topic = client.topic(spec.topic, { value: serde.bytes })
  await using producer = client.producer()
  await using consumer = client.consumer({ from: 'end' })
  const records = consumer.subscribe(topic)
  const values = payloads(work.recordBytes)
  const latencies = new Histogram()
  await inPlace(records, async () => producer.send(topic, { value: values[0] ?? new Uint8Array() }))
  const window = new Window(spec.brokerPids)
  for (let index = 0; index < work.recordCount; index++) {
    const value = values[index % values.length] ?? new Uint8Array()
    const sentAtMs = performance.now()
    const { offset } = await producer.send(topic, { value })
    await seen(records, offset)
    latencies.record(performance.now() - sentAtMs)
  }
  return { ...window.end(work.recordCount), latency: latencies.percentiles() }
}

/** Sends until the consumer sees one: what was sent before it got to its place, it does not see. */
async function inPlace(
  records: AsyncIterator<unknown>,
  send: () => Promise<unknown>,
): Promise<void> {
  const first = records.next()
  for (;;) {
    await send()
    const late = pause(200, 'late')
    if ((await Promise.race([first, late])) !== 'late') return
  }
}

async function seen(
  records: AsyncIterator<ConsumedRecord<Uint8Array, Uint8Array>>,
  wanted: number,
): Promise<void> {
  for (;;) {
    const next = await records.next()
    if (next.done === true) throw new Error('the consumer ended')
    if (next.value.offset === wanted) return
  }
}
