/**
 * Protocol-buffer bytes by hand, for the messages that carry records. A message is sized first and
 * then written straight into the frame that grpc-js allocates, so that record bytes are copied once;
 * reading gives views of the received frame. Fields with their default value are left out.
 *
 * Only what our messages need: numbers from 0 to 2^53 − 1, texts, bytes and messages, and field
 * numbers up to 15, whose tags take one byte.
 */
import { assert } from '../../../base/assert.ts'
import { MalformedBytesError } from '../../../base/bytes.ts'

/**
 * All that grpc-js 1.14 asks of a serialized message (`length` on the client, `byteLength`
 * on the server, and `copy`). A Buffer is one.
 */
export interface WireMessage {
  readonly length: number
  readonly byteLength: number
  /** Writes all bytes into `out` from `at` on. The record bytes must not have changed until then. */
  readonly copy: (out: Buffer, at: number) => void
}

/** For grpc-js's types, which want a Buffer where a `WireMessage` does. */
export function asBuffer(message: WireMessage): Buffer {
  return message as Buffer
}

/** A message whose bytes are written by a function when they are asked for. */
export class SizedMessage implements WireMessage {
  readonly length: number
  readonly byteLength: number
  readonly #write: (writer: WireWriter) => void

  constructor(length: number, write: (writer: WireWriter) => void) {
    this.length = length
    this.byteLength = length
    this.#write = write
  }

  copy(out: Buffer, at: number): void {
    const writer = new WireWriter(out, at)
    this.#write(writer)
    assert(writer.at === at + this.length, 'a message of another size than it was measured')
  }
}

/** How many bytes a varint takes. */
function varintSize(value: number): number {
  if (value < 128) return 1
  if (value < 16_384) return 2
  if (value < 2_097_152) return 3
  if (value < 268_435_456) return 4
  let size = 4
  let rest = Math.floor(value / 268_435_456)
  while (rest > 0) {
    size += 1
    rest = Math.floor(rest / 128)
  }
  return size
}

/** Size of a number's field; nothing for 0. */
export function intSize(value: number): number {
  return value === 0 ? 0 : 1 + varintSize(value)
}

/** Size of an optional number's field; nothing when absent. */
export function optionalIntSize(value: number | undefined): number {
  return value === undefined ? 0 : 1 + varintSize(value)
}

/** Size of a field of bytes or ASCII text of this length; nothing when empty. */
export function bytesSize(length: number): number {
  return length === 0 ? 0 : 1 + varintSize(length) + length
}

/** How many bytes the slices have together. */
export function sizeOfSlices(slices: readonly Uint8Array[]): number {
  let size = 0
  for (const slice of slices) size += slice.length
  return size
}

/** Size of the field of a message of this length, which may be empty. */
export function messageSize(length: number): number {
  return 1 + varintSize(length) + length
}

/** Writes fields into a buffer that is known to have room. */
export class WireWriter {
  readonly #out: Buffer
  #at: number

  constructor(out: Buffer, at: number) {
    this.#out = out
    this.#at = at
  }

  /** Index of the next byte. */
  get at(): number {
    return this.#at
  }

  /** A number's field; nothing for 0. */
  int(field: number, value: number): void {
    if (value === 0) return
    this.#out[this.#at++] = field << 3
    this.#varint(value)
  }

  /** An optional number's field; nothing when absent. */
  optionalInt(field: number, value: number | undefined): void {
    if (value === undefined) return
    this.#out[this.#at++] = field << 3
    this.#varint(value)
  }

  /** The field of a text of ASCII characters; nothing when empty. */
  ascii(field: number, text: string): void {
    if (text.length === 0) return
    this.head(field, text.length)
    this.#at += this.#out.write(text, this.#at, 'latin1')
  }

  /** The head of a field of bytes or of a message, which the caller writes next. */
  head(field: number, length: number): void {
    this.#out[this.#at++] = (field << 3) | 2
    this.#varint(length)
  }

  /** A field of bytes; nothing when empty. */
  bytes(field: number, bytes: Uint8Array): void {
    if (bytes.length === 0) return
    this.head(field, bytes.length)
    this.#raw(bytes)
  }

  /** A field of bytes given as slices, of this length together; nothing when empty. */
  slices(field: number, length: number, slices: readonly Uint8Array[]): void {
    if (length === 0) return
    this.head(field, length)
    for (const slice of slices) this.#raw(slice)
  }

  /** A field with a message; its head is written as well. */
  message(field: number, message: WireMessage): void {
    this.head(field, message.length)
    message.copy(this.#out, this.#at)
    this.#at += message.length
  }

  #raw(bytes: Uint8Array): void {
    this.#out.set(bytes, this.#at)
    this.#at += bytes.length
  }

  #varint(value: number): void {
    assert(value >= 0, 'a negative number in a message')
    let rest = value
    while (rest > 0x7fffffff) {
      this.#out[this.#at++] = (rest % 128) | 128
      rest = Math.floor(rest / 128)
    }
    while (rest > 127) {
      this.#out[this.#at++] = (rest & 127) | 128
      rest >>>= 7
    }
    this.#out[this.#at++] = rest
  }
}

/** Walks over the fields of a message from outside; throws `MalformedBytesError` and reads nothing beyond the end. */
export class WireReader {
  readonly #bytes: Buffer
  readonly #end: number
  #at: number

  constructor(bytes: Buffer, at = 0, end = bytes.length) {
    this.#bytes = bytes
    this.#at = at
    this.#end = end
  }

  /** The next tag (field number × 8 + wire type), 0 at the end of the message. */
  tag(): number {
    return this.#at >= this.#end ? 0 : this.int()
  }

  /** A number from 0 to 2^53 − 1. */
  int(): number {
    let value = 0
    let scale = 1
    for (let count = 0; count < 10; count++) {
      if (this.#at >= this.#end) break
      const byte = this.#bytes[this.#at++] ?? 0
      value += (byte & 127) * scale
      if (byte < 128) {
        if (value > Number.MAX_SAFE_INTEGER) {
          throw new MalformedBytesError('a number below 0 or beyond 2^53')
        }
        return value
      }
      scale *= 128
    }
    throw new MalformedBytesError('a number that does not end')
  }

  /** The bytes of a field, as a view. */
  bytes(): Buffer {
    const from = this.#take()
    return this.#bytes.subarray(from, this.#at)
  }

  /** The bytes of a field as a list of one view, or of none when they are empty. */
  slices(): readonly Uint8Array[] {
    const bytes = this.bytes()
    return bytes.length === 0 ? [] : [bytes]
  }

  /** The text of a field whose characters are all ASCII; others come out wrong but harmless. */
  ascii(): string {
    const from = this.#take()
    return this.#bytes.toString('latin1', from, this.#at)
  }

  /** The text of a field; what is not UTF-8 is replaced. */
  text(): string {
    const from = this.#take()
    return this.#bytes.toString('utf8', from, this.#at)
  }

  /** A reader over the message of a field. */
  message(): WireReader {
    const from = this.#take()
    return new WireReader(this.#bytes, from, this.#at)
  }

  /** Passes over the field of an unknown tag. */
  skip(tag: number): void {
    const type = tag & 7
    if (tag < 8) throw new MalformedBytesError('a field without number')
    if (type === 0) this.#skipVarint()
    else if (type === 2) this.#take()
    else if (type === 5 || type === 1) this.#advance(type === 5 ? 4 : 8)
    else throw new MalformedBytesError(`a field of wire type ${type}`)
  }

  /** Passes over a varint of any value. */
  #skipVarint(): void {
    for (let count = 0; count < 10; count++) {
      if (this.#at >= this.#end) break
      if ((this.#bytes[this.#at++] ?? 0) < 128) return
    }
    throw new MalformedBytesError('a number that does not end')
  }

  #take(): number {
    const length = this.int()
    const from = this.#at
    this.#advance(length)
    return from
  }

  #advance(length: number): void {
    if (length > this.#end - this.#at) {
      throw new MalformedBytesError(`${length} bytes wanted, ${this.#end - this.#at} left`)
    }
    this.#at += length
  }
}
