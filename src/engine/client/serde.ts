/**
 * How a topic's keys and values become bytes and come back. A serde is two synchronous functions;
 * `serde.json` takes any Standard Schema validator (https://standardschema.dev) and then checks
 * what it writes and what it reads.
 */
import { textOf, utf8 } from '../../base/bytes.ts'
import { SluiceError } from './errors.ts'

/** Two directions between values and bytes. `undefined` bytes are a null key or value. */
export interface Serde<T> {
  readonly serialize: (value: T) => Uint8Array | undefined
  readonly deserialize: (bytes: Uint8Array | undefined) => T
}

/** The part of a Standard Schema (v1) that is used. Validators that answer with a promise are refused. */
export interface StandardSchema<T> {
  readonly '~standard': {
    readonly validate: (value: unknown) => unknown
    readonly types?: { readonly input: unknown; readonly output: T } | undefined
  }
}

function present(bytes: Uint8Array | undefined): Uint8Array {
  if (bytes !== undefined) return bytes
  throw new SluiceError(
    'DESERIALIZATION_FAILED',
    'the record is null here: read it with serde.nullable(…)',
  )
}

const bytesSerde: Serde<Uint8Array> = { serialize: (value) => value, deserialize: present }

const stringSerde: Serde<string> = {
  serialize: utf8,
  deserialize: (bytes) => decoding(() => textOf(present(bytes)), 'not UTF-8 text'),
}

function jsonSerde<T>(schema?: StandardSchema<T>): Serde<T> {
  return {
    serialize: (value) => {
      if (schema !== undefined) checked(schema, value, 'SERIALIZATION_FAILED')
      return utf8(encodeJson(value))
    },
    deserialize: (bytes) => {
      const value = decoding(() => JSON.parse(textOf(present(bytes))) as unknown, 'not JSON')
      // Without a schema the caller vouches for the type, as with JSON.parse itself.
      return schema === undefined ? (value as T) : checked(schema, value, 'DESERIALIZATION_FAILED')
    },
  }
}

function nullableSerde<T>(inner: Serde<T>): Serde<T | undefined> {
  return {
    serialize: (value) => (value === undefined ? undefined : inner.serialize(value)),
    deserialize: (bytes) => (bytes === undefined ? undefined : inner.deserialize(bytes)),
  }
}

/**
 * The serdes that come with the SDK.
 *
 * @example
 * const orders = client.topic('orders', { key: serde.string, value: serde.json<Order>() })
 */
export const serde = {
  /** Bytes as they are; they must not change until the send is done. */
  bytes: bytesSerde,
  /** UTF-8 text. */
  string: stringSerde,
  /** JSON, checked by a Standard Schema validator when one is given. */
  json: jsonSerde,
  /** Lets `undefined` through as null, as in the tombstones of a compacted topic. */
  nullable: nullableSerde,
} as const

function encodeJson(value: unknown): string {
  let text: unknown // undefined for functions and undefined itself, whatever the types say
  try {
    text = JSON.stringify(value)
  } catch (cause) {
    throw new SluiceError('SERIALIZATION_FAILED', 'the value cannot be written as JSON', { cause })
  }
  if (typeof text === 'string') return text
  throw new SluiceError('SERIALIZATION_FAILED', 'undefined is not JSON: use serde.nullable(…)')
}

function decoding<T>(decode: () => T, what: string): T {
  try {
    return decode()
  } catch (cause) {
    if (cause instanceof SluiceError) throw cause
    throw new SluiceError('DESERIALIZATION_FAILED', `the record is ${what}`, { cause })
  }
}

function checked<T>(
  schema: StandardSchema<T>,
  value: unknown,
  code: 'SERIALIZATION_FAILED' | 'DESERIALIZATION_FAILED',
): T {
  const result = schema['~standard'].validate(value)
  if (typeof result !== 'object' || result === null || 'then' in result) {
    throw new SluiceError(code, 'the validator answers with a promise: only synchronous ones work')
  }
  if ('issues' in result && Array.isArray(result.issues)) {
    const issues: readonly unknown[] = result.issues
    const first = issues[0]
    const text =
      typeof first === 'object' && first !== null && 'message' in first ? first.message : ''
    throw new SluiceError(code, `the validator refused the value: ${String(text)}`, {
      cause: result.issues,
    })
  }
  return ('value' in result ? result.value : undefined) as T // decoder: Standard Schema v1 says so
}
