/** Values to send: random capital letters, as Kafka's own load generator makes them. */
import { randomBytes } from 'node:crypto'

const valueCount = 10_000
const letterCount = 26
const capitalA = 65

/** Many different values of one size; loads go through them again and again. */
export function payloads(bytes: number): readonly Uint8Array[] {
  return Array.from({ length: valueCount }, () =>
    randomBytes(bytes).map((byte) => capitalA + (byte % letterCount)),
  )
}
