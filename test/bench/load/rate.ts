/**
 * An open loop: every ms, the records that are due by now are sent, however far behind the answers
 * are. A record's latency counts from the moment it was due.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { type Client, type ProducerRecord, serde } from '../../../src/app/sdk/index.ts'
import { Histogram } from './histogram.ts'
import { payloads } from './payload.ts'
import { type LoadResult, type LoadSpec, type Work } from './spec.ts'
import { Window } from './window.ts'

type RateWork = Extract<Work, { type: 'rate' }>

const tickMs = 1
const utf8 = new TextEncoder()
const drainLimitMs = 60_000

/** Latencies of the records that were due within the window; the rate is what was acknowledged in it. */
export async function rate(client: Client, spec: LoadSpec, work: RateWork): Promise<LoadResult> {
  await using producer = client.producer()
  const topic = client.topic(spec.topic, { value: serde.bytes })
  const values = payloads(work.recordBytes)
  const latencies = new Histogram()
  const everyMs = 1000 / work.recordsPerSecond
  const total = Math.round((spec.warmUpSeconds + spec.seconds) * work.recordsPerSecond)
  const warmUpCount = Math.round(spec.warmUpSeconds * work.recordsPerSecond)
  const valueOf = (index: number): Uint8Array => values[index % values.length] ?? new Uint8Array()
  let acknowledged = 0
  let failure: Error | undefined
  const { keyCount } = work
  const recordOf = (index: number): ProducerRecord<Uint8Array, Uint8Array> => ({
    value: valueOf(index),
    ...(keyCount !== undefined && { key: utf8.encode(String((index * 7919) % keyCount)) }),
  })
  await producer.send(topic, recordOf(0)) // connects
  const startedAtMs = performance.now()
  const send = (index: number): void => {
    producer.send(topic, recordOf(index)).then(
      () => {
        acknowledged += 1
        if (index < warmUpCount) return
        latencies.record(performance.now() - startedAtMs - index * everyMs)
      },
      (cause: unknown) => {
        failure ??= new Error('a send failed', { cause })
      },
    )
  }
  let window = new Window(spec.brokerPids)
  let acknowledgedBefore: number | undefined
  for (let next = 0; next < total && failure === undefined;) {
    await pause(tickMs)
    const due = Math.min(total, Math.floor((performance.now() - startedAtMs) / everyMs))
    if (acknowledgedBefore === undefined && due >= warmUpCount) {
      window = new Window(spec.brokerPids)
      acknowledgedBefore = acknowledged
    }
    while (next < due) send(next++)
  }
  const result = window.end(acknowledged - (acknowledgedBefore ?? 0))
  await producer.flush({ timeoutMs: drainLimitMs })
  if (failure !== undefined) throw failure
  return { ...result, latency: latencies.percentiles(), histogram: latencies.byPowerOfTwo() }
}
