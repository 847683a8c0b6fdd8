/** Every field of every request and response survives the wire, in both codecs. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type ApiName, type Apis } from '../../../../src/core/api/apis.ts'
import { concatBytes } from '../../../../src/base/bytes.ts'
import { errorCodes, outcomeOf } from '../../../../src/core/api/error-code.ts'
import { errorNumbers } from '../../../../src/edge/grpc/codec/refusal-codec.ts'
import { helloBytes, readHello } from '../../../../src/edge/grpc/codec/frame.ts'
import { type WireMessage } from '../../../../src/edge/grpc/codec/wire-bytes.ts'
import { apiNames, mappings } from '../../../../src/edge/grpc/mapping/table.ts'
import { type Mapping } from '../../../../src/edge/grpc/mapping/mapping.ts'
import { definitionsOf, messageCodec } from '../../../../src/edge/grpc/proto.ts'
import { arbitraries, hello } from './arbitraries.ts'

const runs = { numRuns: 200 }

test.each(apiNames)('every field of a %s request and response survives the wire', (api) => {
  survives(api)
})

test('every field of a Hello survives the wire', () => {
  fc.assert(
    fc.property(hello, (value) => {
      expect(readHello('log', helloBytes('log', value))).toEqual(value)
    }),
    runs,
  )
})

test('each error code has the number of the enum in the .proto, and none is missing there', () => {
  const definition = definitionsOf('sluice/v1/envelope.proto')['sluice.v1.ErrorCode']
  const { value } = definition?.type as { value: readonly { name: string; number: number }[] }
  const enumNumbers = Object.fromEntries(value.map(({ name, number }) => [name, number]))
  expect(enumNumbers).toEqual({ NO_ERROR: 0, ...errorNumbers })
  expect(Object.keys(errorNumbers).sort()).toEqual([...errorCodes].sort())
})

test('the codec by hand writes what proto-loader reads: produce request', () => {
  const codec = messageCodec<object, Record<string, unknown>>('log', 'ProduceRequest')
  const names = { all: 'ACKS_ALL', 0: 'ACKS_NONE', 1: 'ACKS_LEADER' } as const
  compare('produce', 'request', codec, ({ acks, partitions }) => ({
    acks: names[acks],
    partitions: partitions.map((entry) => ({ ...entry, records: Buffer.from(entry.records) })),
  }))
})

test('the codec by hand writes what proto-loader reads: produce response', () => {
  const codec = messageCodec<object, Record<string, unknown>>('log', 'ProduceResponse')
  compare('produce', 'response', codec, ({ partitions }) => ({
    partitions: partitions.map((answer) => ({
      ...answer,
      error: errorOf(answer.error),
      ...('logAppendTimeMs' in answer && { _logAppendTimeMs: 'logAppendTimeMs' }),
    })),
  }))
})

test('the codec by hand writes what proto-loader reads: fetch request', () => {
  const codec = messageCodec<object, Record<string, unknown>>('log', 'FetchRequest')
  const names = { committed: 'ISOLATION_COMMITTED', uncommitted: 'ISOLATION_UNCOMMITTED' } as const
  compare('fetch', 'request', codec, (request) => ({
    ...request,
    isolation: names[request.isolation],
    partitions: request.partitions.map((entry) => ({
      ...entry,
      ...('leaderEpoch' in entry && { _leaderEpoch: 'leaderEpoch' }),
      ...('isSuspect' in entry && { _isSuspect: 'isSuspect' }),
    })),
  }))
})

test('the codec by hand writes what proto-loader reads: fetch response', () => {
  const codec = messageCodec<object, Record<string, unknown>>('log', 'FetchResponse')
  compare('fetch', 'response', codec, ({ partitions }) => ({
    partitions: partitions.map((fetched) => ({
      ...fetched,
      error: errorOf(fetched.error),
      records: Buffer.from(concatBytes(fetched.records)),
    })),
  }))
})

test('the codec by hand writes what proto-loader reads: replica fetch request', () => {
  const codec = messageCodec<object, Record<string, unknown>>('replication', 'ReplicaFetchRequest')
  compare('replica-fetch', 'request', codec, (request) => ({
    ...request,
    positions: request.positions.map((entry) => ({
      ...entry,
      ...('lastFetchedEpoch' in entry && { _lastFetchedEpoch: 'lastFetchedEpoch' }),
    })),
  }))
})

test('the codec by hand writes what proto-loader reads: replica fetch response', () => {
  const codec = messageCodec<object, Record<string, unknown>>('replication', 'ReplicaFetchResponse')
  compare('replica-fetch', 'response', codec, ({ partitions }) => ({
    partitions: partitions.map((fetched) => ({
      ...fetched,
      error: errorOf(fetched.error),
      diverging: fetched.diverging ?? null,
      records: Buffer.from(concatBytes(fetched.records)),
    })),
  }))
})

test('records of many slices arrive as one run of bytes', () => {
  const { responseMessage, readResponse } = mappings.fetch
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 50 })),
      arbitraries.fetch.response,
      (slices, { partitions }) => {
        const cut = partitions.map((fetched) => ({ ...fetched, records: slices }))
        const read = readResponse(bytesOf(responseMessage({ partitions: cut })))
        for (const { records } of read.partitions) {
          expect(concatBytes(records)).toEqual(concatBytes(slices))
        }
      },
    ),
    { numRuns: 50 },
  )
})

test('records are views of the frame, not copies', () => {
  const request = fc.sample(arbitraries.produce.request, { numRuns: 50, seed: 1 })
  for (const value of request) {
    const bytes = bytesOf(mappings.produce.requestMessage(value))
    for (const { records } of mappings.produce.readRequest(bytes).partitions) {
      if (records.length > 0) expect(records.buffer).toBe(bytes.buffer)
    }
  }
})

test.each(apiNames)('bytes that are no %s are refused or read, never more', (api) => {
  const { readRequest, requestMessage } = mappings[api] as Mapping<ApiName>
  const request: fc.Arbitrary<Apis[ApiName]['request']> = arbitraries[api].request
  const damaged = fc
    .tuple(request, fc.nat(), fc.nat(255), fc.boolean())
    .map(([value, at, byte, isCut]) => {
      const bytes = bytesOf(requestMessage(value))
      if (bytes.length === 0) return bytes
      if (isCut) return bytes.subarray(0, at % bytes.length)
      bytes[at % bytes.length] = byte
      return bytes
    })
  fc.assert(
    fc.property(
      fc.oneof(
        damaged,
        fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
      ),
      (bytes) => {
        try {
          readRequest(bytes)
        } catch (cause) {
          expect(['MalformedBytesError', 'RangeError', 'Error']).toContain((cause as Error).name)
        }
      },
    ),
    runs,
  )
})

// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- A ties the parts inside together
function survives<A extends ApiName>(api: A): void {
  const mapping: Mapping<A> = mappings[api]
  const { request, response } = arbitraries[api]
  fc.assert(
    fc.property(request, (value) => {
      expect(plain(mapping.readRequest(bytesOf(mapping.requestMessage(value))))).toEqual(
        plain(value),
      )
    }),
    runs,
  )
  fc.assert(
    fc.property(response, (value) => {
      expect(plain(mapping.readResponse(bytesOf(mapping.responseMessage(value))))).toEqual(
        plain(value),
      )
    }),
    runs,
  )
}

/** Ours written, theirs read; theirs written, ours read. `expected` is the message as proto-loader shows it. */
function compare<A extends ApiName, S extends 'request' | 'response'>(
  api: A,
  side: S,
  codec: {
    readonly serialize: (message: object) => Buffer
    readonly deserialize: (bytes: Buffer) => object
  },
  expected: (value: Apis[A][S]) => object,
): void {
  const mapping: Mapping<A> = mappings[api]
  const write = side === 'request' ? mapping.requestMessage : mapping.responseMessage
  const read = side === 'request' ? mapping.readRequest : mapping.readResponse
  const values = arbitraries[api][side] as fc.Arbitrary<Apis[A][S]>
  fc.assert(
    fc.property(values, (value) => {
      const message = expected(value)
      expect(plain(codec.deserialize(bytesOf(write(value as never))))).toEqual(plain(message))
      expect(plain(read(codec.serialize(message)))).toEqual(plain(value))
    }),
    runs,
  )
}

function errorOf(error: Apis['produce']['response']['partitions'][number]['error']): object | null {
  if (error === undefined) return null
  const outcome = outcomeOf(error.code) === 'refused' ? 'OUTCOME_REFUSED' : 'OUTCOME_UNKNOWN'
  return { ...error, outcome }
}

/** Buffers as plain bytes, so that only contents are compared. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return [...value]
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, plain(part)]))
}

function bytesOf(message: WireMessage): Buffer {
  const bytes = Buffer.alloc(message.length)
  message.copy(bytes, 0)
  return bytes
}
