import { expect, test } from 'vitest'
import { utf8 } from '../../../../src/base/bytes.ts'
import { TransportFault } from '../../../../src/engine/ports/fault.ts'
import { SluiceError, sluiceErrorOf } from '../../../../src/engine/client/errors.ts'
import { serde, type StandardSchema } from '../../../../src/engine/client/serde.ts'

/** A Standard Schema that takes objects whose `n` is a number. */
const counted: StandardSchema<{ n: number }> = {
  '~standard': {
    validate: (value) => {
      const isCounted =
        typeof value === 'object' && value !== null && 'n' in value && typeof value.n === 'number'
      return isCounted ? { value } : { issues: [{ message: 'n is not a number' }] }
    },
  },
}

function codeOf(work: () => unknown): string {
  try {
    work()
    return 'none'
  } catch (cause) {
    return cause instanceof SluiceError ? `${cause.code}: ${cause.message}` : String(cause)
  }
}

test('text and JSON come back as they went in', () => {
  expect(serde.string.deserialize(serde.string.serialize('été'))).toBe('été')
  const json = serde.json<{ a: readonly number[] }>()
  expect(json.deserialize(json.serialize({ a: [1, 2] }))).toEqual({ a: [1, 2] })
})

test('a validator checks what is written and what is read', () => {
  const json = serde.json(counted)
  expect(json.deserialize(json.serialize({ n: 1 }))).toEqual({ n: 1 })
  expect(codeOf(() => json.deserialize(utf8('{"n":"1"}')))).toBe(
    'DESERIALIZATION_FAILED: the validator refused the value: n is not a number',
  )
  const wrong: unknown = { n: 'x' }
  expect(codeOf(() => json.serialize(wrong as { n: number }))).toMatch(/^SERIALIZATION_FAILED/)
})

test('a validator that answers with a promise is refused by name', () => {
  const later: StandardSchema<string> = {
    '~standard': { validate: async (value) => Promise.resolve({ value }) },
  }
  expect(codeOf(() => serde.json(later).serialize('x'))).toMatch('only synchronous ones work')
})

test('null is refused unless the serde is nullable', () => {
  expect(codeOf(() => serde.string.deserialize(undefined))).toMatch('serde.nullable')
  const nullable = serde.nullable(serde.string)
  expect(nullable.serialize(undefined)).toBeUndefined()
  expect(nullable.deserialize(undefined)).toBeUndefined()
  expect(nullable.deserialize(utf8('x'))).toBe('x')
})

test('bytes that are not what the serde reads are refused by name', () => {
  expect(codeOf(() => serde.string.deserialize(new Uint8Array([0xff])))).toMatch('not UTF-8')
  expect(codeOf(() => serde.json().deserialize(utf8('{')))).toMatch('not JSON')
  expect(codeOf(() => serde.json<unknown>().serialize(undefined))).toMatch('undefined is not JSON')
})

test('an error says whether it may pass and whether something may have happened', () => {
  const facts = (error: SluiceError): readonly unknown[] => [error.isRetriable, error.outcome]
  expect(facts(new SluiceError('NOT_LEADER_OR_FOLLOWER', 'x'))).toEqual([true, 'refused'])
  expect(facts(new SluiceError('REQUEST_TIMED_OUT', 'x'))).toEqual([true, 'unknown'])
  expect(facts(new SluiceError('MESSAGE_TOO_LARGE', 'x'))).toEqual([false, 'refused'])
  expect(facts(new SluiceError('CLOSED', 'x'))).toEqual([false, 'refused'])
})

test.each([
  ['refused', 'refused'],
  ['unresolved', 'refused'],
  ['rejected', 'refused'],
  ['overloaded', 'refused'],
  ['disconnected', 'unknown'],
  ['timeout', 'unknown'],
  ['closed', 'unknown'],
] as const)('a connection fault %s means the outcome is %s', (code, outcome) => {
  const error = sluiceErrorOf(new TransportFault(code, 'why'), 'the request')
  expect([error.code, error.outcome, error.message]).toEqual([
    'BROKER_UNREACHABLE',
    outcome,
    'the request: why',
  ])
})
