/**
 * Reading and writing of big-endian fields and Kafka varints in byte arrays. The reader is for
 * bytes from outside: it never runs past the end, and says `undefined`-free what was wrong by
 * throwing `MalformedBytes`, which the decoder that called it turns into its own answer.
 */

/** The bytes do not have the shape that the decoder expects. Caught by the decoder's caller. */
export class MalformedBytesError extends Error {
  override readonly name = 'MalformedBytesError'
}

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true })

/** UTF-8 bytes of a text. */
export function utf8(text: string): Uint8Array {
  return encoder.encode(text)
}

/** The text of UTF-8 bytes; `MalformedBytesError` when they are not UTF-8. */
export function textOf(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes)
  } catch {
    throw new MalformedBytesError('not UTF-8')
  }
}

/** A `DataView` over exactly the given bytes. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** Order of two byte strings, as LevelDB keeps them: negative, zero or positive. */
export function compareBytes(left: Uint8Array, right: Uint8Array): number {
  const shared = Math.min(left.length, right.length)
  for (let at = 0; at < shared; at++) {
    const difference = (left[at] ?? 0) - (right[at] ?? 0)
    if (difference !== 0) return difference
  }
  return left.length - right.length
}

/** True when both hold the same bytes. */
export function equalBytes(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && compareBytes(left, right) === 0
}

/** One array with the bytes of all the slices, in order. */
export function concatBytes(slices: readonly Uint8Array[]): Uint8Array {
  let length = 0
  for (const slice of slices) length += slice.length
  const whole = new Uint8Array(length)
  let at = 0
  for (const slice of slices) {
    whole.set(slice, at)
    at += slice.length
  }
  return whole
}

/** How many bytes the zigzag varint of a safe integer takes. */
export function varintBytes(value: number): number {
  let rest = value < 0 ? -value * 2 - 1 : value * 2
  let count = 1
  while (rest > 127) {
    rest = Math.floor(rest / 128)
    count++
  }
  return count
}

/** A cursor over bytes from outside. Every read checks that the bytes are there. */
export class ByteReader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #at: number

  constructor(bytes: Uint8Array, at = 0) {
    this.#bytes = bytes
    this.#view = viewOf(bytes)
    this.#at = at
  }

  /** Index of the next byte. */
  get at(): number {
    return this.#at
  }

  /** How many bytes are left. */
  get remaining(): number {
    return this.#bytes.length - this.#at
  }

  int8(): number {
    return this.#view.getInt8(this.#take(1))
  }

  uint8(): number {
    return this.#view.getUint8(this.#take(1))
  }

  int16(): number {
    return this.#view.getInt16(this.#take(2))
  }

  uint16(): number {
    return this.#view.getUint16(this.#take(2))
  }

  int32(): number {
    return this.#view.getInt32(this.#take(4))
  }

  uint32(): number {
    return this.#view.getUint32(this.#take(4))
  }

  /** A signed 64-bit integer; `MalformedBytesError` when it is not a safe integer. */
  int64(): number {
    const value = Number(this.#view.getBigInt64(this.#take(8)))
    if (!Number.isSafeInteger(value)) throw new MalformedBytesError('a number beyond 2^53')
    return value
  }

  /** A zigzag varint of at most 10 bytes; `MalformedBytesError` from 2^52 on. */
  varint(): number {
    let value = 0
    let scale = 1
    for (let count = 0; count < 10; count++) {
      const byte = this.uint8()
      value += (byte & 127) * scale
      if (byte < 128) {
        if (value > Number.MAX_SAFE_INTEGER) throw new MalformedBytesError('a varint beyond 2^52')
        return value % 2 === 0 ? value / 2 : -(value + 1) / 2
      }
      scale *= 128
    }
    throw new MalformedBytesError('a varint of more than 10 bytes')
  }

  /** The next `length` bytes, as a view of the same memory. */
  bytes(length: number): Uint8Array {
    const from = this.#take(length)
    return this.#bytes.subarray(from, from + length)
  }

  /** A text with its length in bytes as a varint before it. */
  text(): string {
    return textOf(this.bytes(this.count(1)))
  }

  /** A count that cannot be larger than the bytes left allow, at `bytesMin` an item. */
  count(bytesMin: number): number {
    const value = this.varint()
    if (value < 0 || value * bytesMin > this.remaining) {
      throw new MalformedBytesError(`a count of ${value} with ${this.remaining} bytes left`)
    }
    return value
  }

  #take(length: number): number {
    const from = this.#at
    if (length < 0 || from + length > this.#bytes.length) {
      throw new MalformedBytesError(`${length} bytes wanted, ${this.#bytes.length - from} left`)
    }
    this.#at = from + length
    return from
  }
}

/** A growing buffer for encoders off the hot path. */
export class ByteWriter {
  #bytes: Uint8Array
  #view: DataView
  #length = 0

  constructor(capacityBytes = 256) {
    this.#bytes = new Uint8Array(capacityBytes)
    this.#view = viewOf(this.#bytes)
  }

  /** How many bytes have been written. */
  get length(): number {
    return this.#length
  }

  int8(value: number): this {
    const at = this.#grow(1)
    this.#view.setInt8(at, value)
    return this
  }

  uint8(value: number): this {
    const at = this.#grow(1)
    this.#view.setUint8(at, value)
    return this
  }

  int16(value: number): this {
    const at = this.#grow(2)
    this.#view.setInt16(at, value)
    return this
  }

  uint16(value: number): this {
    const at = this.#grow(2)
    this.#view.setUint16(at, value)
    return this
  }

  int32(value: number): this {
    const at = this.#grow(4)
    this.#view.setInt32(at, value)
    return this
  }

  uint32(value: number): this {
    const at = this.#grow(4)
    this.#view.setUint32(at, value)
    return this
  }

  int64(value: number): this {
    const at = this.#grow(8)
    this.#view.setBigInt64(at, BigInt(value))
    return this
  }

  varint(value: number): this {
    let rest = value < 0 ? -value * 2 - 1 : value * 2
    while (rest > 127) {
      this.uint8((rest % 128) | 128)
      rest = Math.floor(rest / 128)
    }
    return this.uint8(rest)
  }

  bytes(bytes: Uint8Array): this {
    const at = this.#grow(bytes.length)
    this.#bytes.set(bytes, at)
    return this
  }

  /** A text with its length in bytes as a varint before it. */
  text(text: string): this {
    const bytes = utf8(text)
    return this.varint(bytes.length).bytes(bytes)
  }

  /** What has been written, as a view of the writer's memory; write nothing afterwards. */
  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#length)
  }

  #grow(length: number): number {
    const from = this.#length
    const needed = from + length
    if (needed > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(needed, this.#bytes.length * 2))
      larger.set(this.#bytes.subarray(0, from))
      this.#bytes = larger
      this.#view = viewOf(larger)
    }
    this.#length = needed
    return from
  }
}
