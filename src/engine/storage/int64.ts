/** Safe integers as big-endian 64-bit fields of a `DataView`, without `bigint` on the way. */

const two32 = 4294967296

/** Writes a safe integer, negative ones in two's complement. */
export function putInt64(view: DataView, at: number, value: number): void {
  view.setInt32(at, Math.floor(value / two32))
  view.setUint32(at + 4, value >>> 0)
}

/** Reads what `putInt64` wrote. */
export function takeInt64(view: DataView, at: number): number {
  return view.getInt32(at) * two32 + view.getUint32(at + 4)
}
