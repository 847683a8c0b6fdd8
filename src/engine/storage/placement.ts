/** How runs in memory become extents of a segment file: neighbours of one epoch together, up to a bound. */
import { type Extent } from './extent.ts'
import { runOf } from './run.ts'
import { type TailEntry } from './tail.ts'

/** One read of neighbouring extents is at most this long, so a longer extent only costs. */
export const extentBytesMax = 1024 * 1024

/** Places entries one after the other from `position` on. */
export function extentsOf(
  entries: readonly TailEntry[],
  fileId: number,
  position: number,
): readonly Extent[] {
  const extents: Extent[] = []
  let group: TailEntry[] = []
  let bytes = 0
  let at = position
  const close = (): void => {
    const [head] = group
    if (head === undefined) return
    const run =
      group.length === 1
        ? head.run
        : runOf(
            group.map((entry) => entry.bytes),
            head.run.first,
          )
    extents.push({ ...run, fileId, position: at })
    at += run.length
    group = []
    bytes = 0
  }
  for (const entry of entries) {
    const { length } = entry.bytes
    const isOther = group[0] !== undefined && group[0].run.epoch !== entry.run.epoch
    if (isOther || bytes + length > extentBytesMax) close()
    group.push(entry)
    bytes += length
  }
  close()
  return extents
}

/** Greatest timestamp of entries. */
export function newestOf(entries: readonly TailEntry[]): number {
  return entries.reduce((newest, { run }) => Math.max(newest, run.maxTimestampMs), -1)
}
