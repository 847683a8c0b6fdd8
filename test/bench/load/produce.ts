/** Produce as fast as it goes, with `sendMany` or with one promise a record. */
import {
  type Client,
  type Producer,
  serde,
  type ProducerOptions,
} from '../../../src/app/sdk/index.ts'
import { payloads } from './payload.ts'
import { type LoadResult, type LoadSpec, type Work } from './spec.ts'
import { Window } from './window.ts'

type ProduceWork = Extract<Work, { type: 'produce' }>

const chunkCount = 1000
/** Chunks whose promises may be pending: more than the producer's memory takes. */
const chunksPendingMax = 64

/** Counts what is acknowledged: the window begins and ends with a flush. */
export async function produce(
  client: Client,
  spec: LoadSpec,
  work: ProduceWork,
): Promise<LoadResult> {
  const { batchBytesMax, lingerMs } = work
  const options: ProducerOptions = {
    ...(batchBytesMax !== undefined && { batchBytesMax }),
    ...(lingerMs !== undefined && { lingerMs }),
  }
  await using producer = client.producer(options)
  const step =
    work.call === 'send'
      ? sending(client, producer, spec, work)
      : handingOver(client, producer, spec, work)
  await runFor(spec.warmUpSeconds, step)
  await producer.flush()
  const window = new Window(spec.brokerPids)
  const count = await runFor(spec.seconds, step)
  await producer.flush()
  return window.end(count)
}

async function runFor(seconds: number, step: () => Promise<unknown>): Promise<number> {
  const untilMs = performance.now() + seconds * 1000
  let count = 0
  while (performance.now() < untilMs) {
    await step()
    count += chunkCount
  }
  return count
}

function handingOver(
  client: Client,
  producer: Producer,
  spec: LoadSpec,
  work: ProduceWork,
): () => Promise<unknown> {
  const topic = client.topic(spec.topic, { value: serde.bytes })
  const chunks = chunksOf(work.recordBytes)
  let turn = 0
  return async () => {
    const values = chunks[turn++ % chunks.length] ?? []
    await producer.sendMany(
      topic,
      values.map((value) => ({ value })),
    )
  }
}

function sending(
  client: Client,
  producer: Producer,
  spec: LoadSpec,
  work: ProduceWork,
): () => Promise<unknown> {
  const topic = client.topic(spec.topic, { value: serde.bytes })
  const chunks = chunksOf(work.recordBytes)
  const pending: Promise<unknown>[] = []
  let turn = 0
  return async () => {
    const values = chunks[turn++ % chunks.length] ?? []
    pending.push(Promise.all(values.map(async (value) => producer.send(topic, { value }))))
    if (pending.length > chunksPendingMax) await pending.shift()
  }
}

function chunksOf(bytes: number): readonly (readonly Uint8Array[])[] {
  const values = payloads(bytes)
  const count = values.length / chunkCount
  return Array.from({ length: count }, (_, index) =>
    values.slice(index * chunkCount, (index + 1) * chunkCount),
  )
}
