/**
 * Sixteen random bytes as the 22 base64url characters that Kafka prints for an id, and back.
 */
import { assert } from './assert.ts'

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const values = new Map(Array.from(alphabet, (letter, value) => [letter, value]))

/** The 22 characters of a 16-byte id. */
export function uuidFromBytes(bytes: Uint8Array): string {
  assert(bytes.length === 16, `an id has 16 bytes, not ${bytes.length}`)
  let text = ''
  let held = 0
  let heldBits = 0
  for (const byte of bytes) {
    held = (held << 8) | byte
    heldBits += 8
    while (heldBits >= 6) {
      heldBits -= 6
      text += alphabet.charAt((held >> heldBits) & 63)
    }
    held &= (1 << heldBits) - 1
  }
  return text + alphabet.charAt((held << (6 - heldBits)) & 63)
}

/** The 16 bytes of a 22-character id. */
export function uuidToBytes(text: string): Uint8Array {
  assert(text.length === 22, `an id has 22 characters, not ${text.length}`)
  const bytes = new Uint8Array(16)
  let held = 0
  let heldBits = 0
  let at = 0
  for (const letter of text) {
    const value = values.get(letter)
    assert(value !== undefined, `not base64url: ${text}`)
    held = (held << 6) | value
    heldBits += 6
    if (heldBits >= 8 && at < 16) {
      heldBits -= 8
      bytes[at++] = (held >> heldBits) & 255
      held &= (1 << heldBits) - 1
    }
  }
  return bytes
}
