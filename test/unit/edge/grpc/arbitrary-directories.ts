/** Arbitrary things that are said of log directories. */
import fc from 'fast-check'
import { directoryId, epoch, offset, partitionIndex, topicId } from '../../../../src/base/id.ts'
import { uuidFromBytes } from '../../../../src/base/uuid.ts'
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
})
