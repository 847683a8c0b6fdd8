/** A run's figures, as rows take them and as a line of text. */
import { type LoadResult } from '../load/spec.ts'
import { type Row } from '../row.ts'
import { type Case, type Figure } from './cases.ts'

/** One figure of a run. */
export function valueOf(result: LoadResult, figure: Figure): number {
  const { latency } = result
  switch (figure) {
    case 'rate':
      return result.recordsPerSecond
    case 'mean':
      return latency?.meanMs ?? Number.NaN
    case 'p50':
      return latency?.p50Ms ?? Number.NaN
    case 'p99':
      return latency?.p99Ms ?? Number.NaN
  }
}

/** A row of one figure of a case, without anything to compare it with. */
export function ownRow(load: Case, figure: Figure, value: number): Row {
  const { limits } = load
  return {
    name: figure === 'rate' ? load.title : `${load.title}, ${figure}`,
    value,
    unit: figure === 'rate' ? 'rec/s' : 'ms',
    ...(limits !== undefined && figure === 'rate' && { atLeast: limits.rateAtLeast }),
    ...(limits !== undefined && figure === 'p99' && { atMost: limits.p99AtMostMs }),
  }
}

/** CPU seconds for 10^9 bytes of values. Kafka's tools do not say what their warm-up cost: it is in theirs. */
export function perGigabyte(
  load: Case,
  result: LoadResult,
): {
  readonly client: number
  readonly brokers: number
} {
  const gigabytes = (result.recordsPerSecond * result.seconds * load.work.recordBytes) / 1e9
  return {
    client: result.clientCpuSeconds / gigabytes,
    brokers: result.brokerCpuSeconds / gigabytes,
  }
}

/** For people who watch. */
export function lineOf(load: Case, result: LoadResult): string {
  const { latency } = result
  const { client, brokers } = perGigabyte(load, result)
  const times =
    latency === undefined
      ? []
      : [
          `mean ${latency.meanMs.toFixed(2)} p50 ${latency.p50Ms.toFixed(2)}`,
          `p99 ${latency.p99Ms.toFixed(2)} max ${latency.maxMs.toFixed(1)} ms`,
        ]
  return [
    `${Math.round(result.recordsPerSecond)} rec/s`,
    ...times,
    `CPU s/GB client ${client.toFixed(2)} brokers ${brokers.toFixed(2)}`,
  ].join(', ')
}
