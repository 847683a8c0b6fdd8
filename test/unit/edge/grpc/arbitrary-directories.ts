/** Arbitrary things that are said of log directories. */
import fc from 'fast-check'
import { directoryId, epoch, offset, partitionIndex, topicId } from '../../../../src/base/id.ts'
import { uuidFromBytes } from '../../../../src/base/uuid.ts'
import { type MovedReplica } from '../../../../src/core/api/broker-heartbeat.ts'
import { type Apis } from '../../../../src/core/api/apis.ts'
import { errorCodes } from '../../../../src/core/api/error-code.ts'
import { type DirectoryReport, type UncleanLog } from '../../../../src/core/api/register-broker.ts'

const uuid = fc.uint8Array({ minLength: 16, maxLength: 16 }).map(uuidFromBytes)
const count = fc.nat(0x7fffffff)

const uncleanLog: fc.Arbitrary<UncleanLog> = fc.record(
  {
    topicId: uuid.map(topicId),
    partition: count.map(partitionIndex),
    reason: fc.constantFrom('interval' as const, 'corrupt' as const),
    lastEpoch: count.map(epoch),
    endOffset: fc.maxSafeNat().map(offset),
  },
  { requiredKeys: ['topicId', 'partition', 'reason', 'endOffset'] },
)

/** How a directory was found. */
export const directoryReport: fc.Arbitrary<DirectoryReport> = fc.record({
  directoryId: uuid.map(directoryId),
  wasClean: fc.boolean(),
  uncleanLogs: fc.array(uncleanLog, { maxLength: 4 }),
  mayMissLogs: fc.boolean(),
})

const text = fc.string({ unit: 'grapheme', maxLength: 20 })
const error = fc.record({ code: fc.constantFrom(...errorCodes), message: text })
const partition = count.map(partitionIndex)

/** Where a replica lives. */
export const movedReplica: fc.Arbitrary<MovedReplica> = fc.record({
  topicId: uuid.map(topicId),
  partition,
  directoryId: uuid.map(directoryId),
})

const log = fc.record({
  topic: text,
  partition,
  bytes: fc.maxSafeNat(),
  endOffset: fc.maxSafeNat().map(offset),
  offsetLag: fc.maxSafeNat(),
  isFuture: fc.boolean(),
})

const directory = fc.record(
  {
    path: text,
    directoryId: uuid.map(directoryId),
    state: fc.constantFrom('online', 'low', 'full', 'offline'),
    disk: fc.record({
      freeBytes: fc.maxSafeNat(),
      totalBytes: fc.maxSafeNat(),
      reserveBytes: fc.maxSafeNat(),
    }),
    logs: fc.array(log, { maxLength: 4 }),
  },
  { requiredKeys: ['path', 'state', 'logs'] },
)

type DirectoryApi = 'describe-log-dirs' | 'alter-replica-log-dirs'

/** By operation. */
export const directoryApis: {
  readonly [A in DirectoryApi]: {
    readonly request: fc.Arbitrary<Apis[A]['request']>
    readonly response: fc.Arbitrary<Apis[A]['response']>
  }
} = {
  'describe-log-dirs': {
    request: fc.record({ topics: fc.array(text, { maxLength: 4 }) }, { requiredKeys: [] }),
    response: fc.record({ directories: fc.array(directory, { maxLength: 4 }) }),
  },
  'alter-replica-log-dirs': {
    request: fc.record({
      moves: fc.array(fc.record({ topic: text, partition, path: text }), { maxLength: 4 }),
    }),
    response: fc.record({
      moves: fc.array(
        fc.record({ topic: text, partition, error }, { requiredKeys: ['topic', 'partition'] }),
        { maxLength: 4 },
      ),
    }),
  },
}
