/** What crosses the simulated network: frozen copies, so that neither end can change what the other has. */
import { Defect } from '../base/assert.ts'

/**
 * A deep copy of a message. Objects and arrays in it are frozen; bytes are copied, because a
 * receiver may stamp them in place. Anything but plain objects, arrays, bytes and primitives would
 * not survive a wire and is a defect.
 */
export function messageCopy<T>(message: T): T {
  return copyOf(message) as T
}

function copyOf(value: unknown): unknown {
  if (typeof value === 'function' || typeof value === 'symbol')
    throw new Defect(`a ${typeof value} cannot be sent`)
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Uint8Array) return new Uint8Array(value)
  if (Array.isArray(value)) return Object.freeze(value.map(copyOf))
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null)
    throw new Defect(`an instance of ${value.constructor.name} cannot be sent`)
  const copy: Record<string, unknown> = {}
  for (const [key, field] of Object.entries(value))
    if (field !== undefined) copy[key] = copyOf(field)
  return Object.freeze(copy)
}
