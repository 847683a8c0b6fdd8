/**
 * The input of the main job: 200,000 real flights (npm package vega-datasets). The file is sorted
 * by time of day, which would send a second's worth of records to one partition; a fixed stride
 * mixes the hours, as they would come from many days, and every run has the same order.
 */
import { readFile } from 'node:fs/promises'

/** One record: its place in the run and what is sent. */
export interface Flight {
  readonly index: number
  /** Hour of departure, 0 to 23. */
  readonly key: string
  readonly value: string
}

interface Row {
  readonly delay: number
  readonly distance: number
  readonly time: number
}

const source = new URL('../../node_modules/vega-datasets/data/flights-200k.json', import.meta.url)
/** Prime, so that it visits every row once. */
const stride = 7919

/** All flights, in the order in which they are sent. */
export async function readFlights(): Promise<readonly Flight[]> {
  // The file of the package, of a pinned version.
  const rows = JSON.parse(await readFile(source, 'utf8')) as readonly Row[]
  return rows.map((_, index) => {
    const { delay, distance, time } = rows[(index * stride) % rows.length] ?? {
      delay: 0,
      distance: 0,
      time: 0,
    }
    const key = String(Math.floor(time) % 24)
    return { index, key, value: JSON.stringify({ index, delay, distance, time }) }
  })
}
