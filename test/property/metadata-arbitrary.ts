/** Arbitrary metadata records, for properties of the codec. */
import fc from 'fast-check'
import {
  brokerEpoch,
  directoryId,
  epoch,
  incarnationId,
  nodeId,
  offset,
  partitionIndex,
  topicId,
} from '../../src/base/id.ts'
import { uuidFromBytes } from '../../src/base/uuid.ts'
import { type MetadataRecord } from '../../src/core/metadata/records/record.ts'

const uuid = fc.uint8Array({ minLength: 16, maxLength: 16 }).map(uuidFromBytes)
const nodeIds = fc.array(fc.nat(0x7fffffff).map(nodeId), { maxLength: 5 })
const directoryIds = fc.array(uuid.map(directoryId), { maxLength: 5 })
const offsets = fc.maxSafeNat().map(offset)
const place = { topicId: uuid.map(topicId), partition: fc.nat(0x7fffffff).map(partitionIndex) }
const level = fc.nat(0x7fff)

// Absent, not undefined: that is what the records say.
function pruned<T extends object>(record: fc.Arbitrary<T>): fc.Arbitrary<T> {
  return record.map(
    (fields) =>
      Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T,
  )
}

function optional<T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.option(value, { nil: undefined })
}

/** Any record. */
export const anyRecord: fc.Arbitrary<MetadataRecord> = fc.oneof(
  pruned(
    fc.record({
      type: fc.constant('register-broker' as const),
      brokerId: fc.nat(0x7fffffff).map(nodeId),
      incarnationId: uuid.map(incarnationId),
      endpoints: fc.array(
        fc.record({ listener: fc.string(), host: fc.string(), port: fc.nat(65535) }),
      ),
      rack: optional(fc.string({ unit: 'grapheme' })),
      features: fc.array(fc.record({ name: fc.string(), min: level, max: level })),
      directoryIds,
      uncleanLogs: fc.array(
        pruned(
          fc.record({
            ...place,
            reason: fc.constantFrom('interval' as const, 'corrupt' as const, 'damaged' as const),
            lastEpoch: optional(fc.nat(0x7fffffff).map(epoch)),
            endOffset: offsets,
          }),
        ),
      ),
    }),
  ),
  pruned(
    fc.record({
      type: fc.constant('broker-registration-change' as const),
      brokerId: fc.nat(0x7fffffff).map(nodeId),
      brokerEpoch: fc.maxSafeNat().map(brokerEpoch),
      isFenced: optional(fc.boolean()),
      inControlledShutdown: optional(fc.boolean()),
      directoryIds: optional(directoryIds),
    }),
  ),
  fc.record({
    type: fc.constant('topic' as const),
    name: fc.string(),
    topicId: place.topicId,
  }),
  fc.record({ type: fc.constant('remove-topic' as const), topicId: place.topicId }),
  pruned(
    fc.record({
      type: fc.constant('partition' as const),
      ...place,
      replicas: nodeIds,
      directories: directoryIds,
      isr: nodeIds,
      elr: nodeIds,
      lastKnownElr: nodeIds,
      addingReplicas: nodeIds,
      removingReplicas: nodeIds,
      leader: optional(fc.nat(0x7fffffff).map(nodeId)),
    }),
  ),
  pruned(
    fc.record({
      type: fc.constant('partition-change' as const),
      ...place,
      replicas: optional(nodeIds),
      directories: optional(directoryIds),
      isr: optional(nodeIds),
      elr: optional(nodeIds),
      lastKnownElr: optional(nodeIds),
      addingReplicas: optional(nodeIds),
      removingReplicas: optional(nodeIds),
      leader: optional(fc.oneof(fc.nat(0x7fffffff).map(nodeId), fc.constant('none' as const))),
      isUnclean: optional(fc.constant(true as const)),
    }),
  ),
  pruned(
    fc.record({
      type: fc.constant('config' as const),
      resource: fc.string(),
      key: fc.string(),
      value: optional(fc.string({ unit: 'grapheme' })),
    }),
  ),
  fc.record({ type: fc.constant('feature-level' as const), name: fc.string(), level }),
  fc.constant({ type: 'no-op' as const }),
) as fc.Arbitrary<MetadataRecord>
