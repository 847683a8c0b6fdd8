/** The floors that the cases of a run are held against, measured in the same run, each once. */
import { measureTransfer, transfers } from '../floor/transfers.ts'
import { type Row } from '../row.ts'
import { type Case, floorOf } from './cases.ts'

/** Bytes a second of bare transfers, by name. */
export class Floors {
  readonly #seconds: number
  readonly #measured = new Map<string, number>()

  constructor(seconds: number) {
    this.#seconds = seconds
  }

  /** Measures those that the cases need and that are not known yet. */
  async measureFor(chosen: readonly Case[]): Promise<void> {
    for (const load of chosen) {
      const name = floorOf(load)
      if (name === undefined || this.#measured.has(name)) continue
      process.stderr.write(`floor: ${name} …\n`)
      this.#measured.set(name, 1e6 * (await measureTransfer(transfers[name], this.#seconds)))
    }
  }

  /** The share of its floor that a case's rate comes to, the bytes of values alone counted. */
  shareOf(load: Case, recordsPerSecond: number): Pick<Row, 'floorShare'> {
    const bytesPerSecond = this.#measured.get(floorOf(load) ?? '')
    if (bytesPerSecond === undefined) return {}
    return { floorShare: (recordsPerSecond * load.work.recordBytes) / bytesPerSecond }
  }
}
