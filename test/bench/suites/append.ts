/**
 * The storage engine alone: few logs with large batches and many logs with small ones, with fsync
 * before the answer and without.
 */
import { type AppendLoad, runAppends } from '../engine/append-run.ts'
import { type Row, type Suite } from '../row.ts'

const loads: readonly (AppendLoad & { readonly atLeast?: number })[] = [
  {
    name: '6 logs x 128 KiB, ack',
    logCount: 6,
    batchBytes: 131_072,
    outstanding: 64,
    flush: 'ack',
    choice: 'uniform',
    atLeast: 700,
  },
  {
    name: '6 logs x 16 KiB, ack',
    logCount: 6,
    batchBytes: 16_384,
    outstanding: 128,
    flush: 'ack',
    choice: 'uniform',
  },
  {
    name: '1000 logs x 2 KiB, ack',
    logCount: 1000,
    batchBytes: 2048,
    outstanding: 256,
    flush: 'ack',
    choice: 'uniform',
    atLeast: 200,
  },
  {
    name: '6 logs x 128 KiB, interval',
    logCount: 6,
    batchBytes: 131_072,
    outstanding: 64,
    flush: 'interval',
    choice: 'uniform',
  },
]

/** Throughput and answer times of each load. */
export const append: Suite = async ({ isQuick }) => {
  const rows: Row[] = []
  for (const load of loads) {
    const name = `append: ${load.name}`
    const result = await runAppends(load, isQuick ? 1000 : 15_000)
    const { p50Ms, p99Ms, p999Ms } = result.latencies.percentiles()
    rows.push(
      {
        name,
        value: result.megabytesPerSecond,
        unit: 'MB/s',
        ...(load.atLeast !== undefined && { atLeast: load.atLeast }),
      },
      { name: `${name}, answer p50`, value: p50Ms, unit: 'ms' },
      { name: `${name}, answer p99`, value: p99Ms, unit: 'ms' },
      { name: `${name}, answer p99.9`, value: p999Ms, unit: 'ms' },
      { name: `${name}, CPU`, value: result.cpuSecondsPerGigabyte, unit: 's/GB' },
      { name: `${name}, memory`, value: result.residentMegabytes, unit: 'MB' },
    )
  }
  return rows
}
