/** Arbitrary requests and responses of every operation, every optional field now there and now not. */
import fc from 'fast-check'
import { type ApiName, type Apis } from '../../../../src/core/api/apis.ts'
import { errorCodes } from '../../../../src/core/api/error-code.ts'
import { type Hello } from '../../../../src/core/api/hello.ts'
import {
  brokerEpoch,
  clusterId,
  directoryId,
  epoch,
  incarnationId,
  nodeId,
  offset,
  partitionEpoch,
  partitionIndex,
  topicId,
} from '../../../../src/base/id.ts'
import { uuidFromBytes } from '../../../../src/base/uuid.ts'
import { directoryApis, directoryReport, movedReplica } from './arbitrary-directories.ts'
import { producerIdApis } from './arbitrary-producer-ids.ts'
import { list, maybe } from './arbitrary-shapes.ts'

const int32Max = 0x7fffffff
const count = fc.nat(int32Max)
const safe = fc.oneof(fc.nat(200), fc.maxSafeNat())
const wait = fc.nat(0xffff)
const text = fc.string({ unit: 'grapheme', maxLength: 20 })
const uuid = fc.uint8Array({ minLength: 16, maxLength: 16 }).map(uuidFromBytes)
const topic = uuid.map(topicId)
const cluster = uuid.map(clusterId)
const directory = uuid.map(directoryId)
const incarnation = uuid.map(incarnationId)
const node = count.map(nodeId)
const nodes = fc.array(node, { maxLength: 4 })
const leaderEpoch = count.map(epoch)
const version = count.map(partitionEpoch)
const registration = safe.map(brokerEpoch)
const position = safe.map(offset)
const partition = fc.oneof(fc.nat(3), count).map(partitionIndex)
const place = { topicId: topic, partition }
const code = fc.constantFrom(...errorCodes)
const error = fc.record({ code, message: text })
const bytes = fc.uint8Array({ maxLength: 300 })
/** What a reader gives back: one view, or none. */
const records = bytes.map((slice) => (slice.length === 0 ? [] : [slice]))
const endpoint = fc.record({ listener: text, host: text, port: fc.nat(65_535) })
const replica = fc.record({ nodeId: node, directoryId: directory })
const timestamp = fc.maxSafeNat()

const leader = maybe({ epoch: leaderEpoch, leaderId: node, leaderEndpoint: endpoint }, [
  'leaderId',
  'leaderEndpoint',
])
const topicResult = maybe({ name: text, error }, ['error'])
const resource = fc.record({
  type: fc.constantFrom('topic' as const, 'broker' as const, 'cluster' as const),
  name: text,
})
const assignments = fc.array(nodes, { minLength: 1, maxLength: 3 })
const member = fc.record({
  nodeId: node,
  directoryId: directory,
  logEndOffset: position,
  lagMs: fc.double({ min: 0, noNaN: true }),
  lastFetchMs: fc.double({ min: 0, noNaN: true }),
})
const diverging = fc.record({ epoch: leaderEpoch, endOffset: position })
const dictionary = fc.dictionary(fc.stringMatching(/^[a-z.]{1,12}$/), text, {
  noNullPrototype: true,
  maxKeys: 3,
})

/** A Hello of a broker, a controller or a client. */
export const hello: fc.Arbitrary<Hello> = maybe(
  {
    clusterId: cluster,
    protocolMin: fc.nat(9),
    protocolMax: fc.nat(9),
    clientId: text,
    features: list(text),
    broker: maybe(
      {
        brokerId: node,
        brokerEpoch: registration,
        incarnationId: incarnation,
        directoryIds: list(directory),
      },
      ['brokerEpoch'],
    ),
  },
  ['clusterId', 'broker'],
)

/** Arbitrary values of every operation. */
export const arbitraries: {
  readonly [A in ApiName]: {
    readonly request: fc.Arbitrary<Apis[A]['request']>
    readonly response: fc.Arbitrary<Apis[A]['response']>
  }
} = {
  produce: {
    request: fc.record({
      acks: fc.constantFrom('all' as const, 0 as const, 1 as const),
      partitions: list(fc.record({ topicId: topic, partition, records: bytes })),
    }),
    response: fc.record({
      partitions: list(
        maybe(
          {
            topicId: topic,
            partition,
            error,
            baseOffset: position,
            logAppendTimeMs: timestamp,
            logStartOffset: position,
          },
          ['error', 'logAppendTimeMs'],
        ),
      ),
    }),
  },
  fetch: {
    request: fc.record({
      waitMsMax: wait,
      bytesMin: count,
      bytesMax: count,
      isolation: fc.constantFrom('committed' as const, 'uncommitted' as const),
      partitions: list(
        maybe(
          {
            ...{ topicId: topic, partition, fetchOffset: position, leaderEpoch, bytesMax: count },
            isSuspect: fc.constant(true as const),
          },
          ['leaderEpoch', 'isSuspect'],
        ),
      ),
    }),
    response: fc.record({
      partitions: list(
        maybe(
          {
            topicId: topic,
            partition,
            error,
            highWatermark: position,
            lastStableOffset: position,
            logStartOffset: position,
            records,
          },
          ['error'],
        ),
      ),
    }),
  },
  'delete-records': {
    request: fc.record({
      partitions: list(
        fc.record({
          ...place,
          before: fc.oneof(fc.constant('high-watermark' as const), position),
        }),
      ),
      waitMsMax: wait,
    }),
    response: fc.record({
      partitions: list(maybe({ ...place, error, lowWatermark: position }, ['error'])),
    }),
  },
  'list-offsets': {
    request: fc.record({
      partitions: list(
        fc.record({
          topicId: topic,
          partition,
          question: fc.oneof(
            fc.constant({ type: 'earliest' as const }),
            fc.constant({ type: 'latest' as const }),
            fc.constant({ type: 'max-timestamp' as const }),
            fc.record({ type: fc.constant('at-time' as const), timestampMs: timestamp }),
          ),
        }),
      ),
    }),
    response: fc.record({
      partitions: list(
        maybe(
          {
            topicId: topic,
            partition,
            error,
            offset: position,
            leaderEpoch,
            highWatermark: position,
            timestampMs: timestamp,
          },
          ['error', 'offset', 'timestampMs'],
        ),
      ),
    }),
  },
  'replica-fetch': {
    request: fc.record({
      replicaId: node,
      brokerEpoch: registration,
      sessionId: safe,
      sequence: safe,
      waitMsMax: wait,
      bytesMax: count,
      positions: list(
        maybe(
          {
            topicId: topic,
            partition,
            leaderEpoch,
            fetchOffset: position,
            lastFetchedEpoch: leaderEpoch,
            durableOffset: position,
            highWatermark: position,
            logStartOffset: position,
          },
          ['lastFetchedEpoch'],
        ),
      ),
      forgotten: list(fc.record({ topicId: topic, partition })),
    }),
    response: fc.record({
      partitions: list(
        maybe(
          {
            topicId: topic,
            partition,
            error,
            diverging,
            highWatermark: position,
            logStartOffset: position,
            records,
          },
          ['error', 'diverging'],
        ),
      ),
    }),
  },
  metadata: {
    request: fc.record({
      topics: fc.oneof(fc.constant('all' as const), fc.constant('none' as const), list(text)),
    }),
    response: maybe(
      {
        clusterId: cluster,
        controllerId: node,
        metadataOffset: position,
        brokers: list(
          maybe(
            {
              id: node,
              epoch: registration,
              rack: text,
              endpoints: list(endpoint),
              isFenced: fc.boolean(),
              inControlledShutdown: fc.boolean(),
            },
            ['rack'],
          ),
        ),
        topics: list(
          maybe(
            {
              name: text,
              error,
              id: topic,
              partitions: list(
                maybe(
                  {
                    partition,
                    leader: node,
                    leaderEpoch,
                    partitionEpoch: version,
                    replicas: nodes,
                    isr: nodes,
                    elr: nodes,
                  },
                  ['leader'],
                ),
              ),
            },
            ['error', 'id'],
          ),
        ),
      },
      ['controllerId'],
    ),
  },
  'create-topics': {
    request: fc.record({
      topics: list(
        maybe(
          {
            name: text,
            partitionCount: count,
            replicationFactor: count,
            assignments,
            configs: dictionary,
          },
          ['partitionCount', 'replicationFactor', 'assignments'],
        ),
      ),
      validateOnly: fc.boolean(),
    }),
    response: fc.record({
      topics: list(
        maybe(
          { name: text, error, topicId: topic, partitionCount: count, replicationFactor: count },
          ['error', 'topicId', 'partitionCount', 'replicationFactor'],
        ),
      ),
    }),
  },
  'delete-topics': {
    request: fc.record({ names: list(text) }),
    response: fc.record({ topics: list(topicResult) }),
  },
  'create-partitions': {
    request: fc.record({
      topics: list(maybe({ name: text, partitionCount: count, assignments }, ['assignments'])),
      validateOnly: fc.boolean(),
    }),
    response: fc.record({ topics: list(topicResult) }),
  },
  'alter-configs': {
    request: fc.record({
      resources: list(
        fc.record({ resource, changes: list(maybe({ key: text, value: text }, ['value'])) }),
      ),
      validateOnly: fc.boolean(),
    }),
    response: fc.record({ resources: list(maybe({ resource, error }, ['error'])) }),
  },
  'describe-configs': {
    request: fc.record({ resources: list(resource) }),
    response: fc.record({
      resources: list(
        maybe(
          {
            resource,
            error,
            entries: list(
              fc.record({
                key: text,
                value: text,
                source: fc.constantFrom(
                  'topic' as const,
                  'broker' as const,
                  'cluster' as const,
                  'static' as const,
                  'default' as const,
                ),
                isReadOnly: fc.boolean(),
                doc: text,
              }),
            ),
          },
          ['error'],
        ),
      ),
    }),
  },
  'elect-leaders': {
    request: maybe({ partitions: list(fc.record({ topic: text, partition })) }, ['partitions']),
    response: fc.record({ partitions: list(maybe({ topic: text, partition, error }, ['error'])) }),
  },
  ...producerIdApis,
  ...directoryApis,
  'register-broker': {
    request: maybe(
      {
        brokerId: node,
        clusterId: cluster,
        incarnationId: incarnation,
        endpoints: list(endpoint),
        rack: text,
        features: list(fc.record({ name: text, min: count, max: count })),
        directories: list(directoryReport),
        hasUnopenedDirectory: fc.boolean(),
      },
      ['rack'],
    ),
    response: fc.record({ brokerEpoch: registration }),
  },
  'broker-heartbeat': {
    request: fc.record({
      brokerId: node,
      brokerEpoch: registration,
      metadataOffset: position,
      wantsFence: fc.boolean(),
      wantsShutdown: fc.boolean(),
      waitMsMax: fc.nat(),
      offlineDirectoryIds: list(directory),
      movedReplicas: list(movedReplica),
    }),
    response: fc.record({
      isCaughtUp: fc.boolean(),
      isFenced: fc.boolean(),
      mayShutdown: fc.boolean(),
    }),
  },
  'alter-partition': {
    request: fc.record({
      brokerId: node,
      brokerEpoch: registration,
      partitions: list(
        fc.record({
          topicId: topic,
          partition,
          leaderEpoch,
          partitionEpoch: version,
          newIsr: list(fc.record({ brokerId: node, brokerEpoch: registration })),
          resigns: fc.boolean(),
        }),
      ),
    }),
    response: fc.record({
      partitions: list(
        maybe(
          {
            topicId: topic,
            partition,
            error,
            leader: node,
            leaderEpoch,
            isr: nodes,
            partitionEpoch: version,
          },
          ['error', 'leader'],
        ),
      ),
    }),
  },
  vote: {
    request: fc.record({
      clusterId: cluster,
      candidate: replica,
      voter: replica,
      epoch: leaderEpoch,
      lastEpoch: leaderEpoch,
      lastOffset: position,
      isPreVote: fc.boolean(),
    }),
    response: maybe({ error: code, leader, isGranted: fc.boolean() }, ['error']),
  },
  'begin-quorum-epoch': {
    request: maybe(
      { clusterId: cluster, voter: replica, leaderId: node, leaderEpoch, leaderEndpoint: endpoint },
      ['leaderEndpoint'],
    ),
    response: maybe({ error: code, leader }, ['error']),
  },
  'end-quorum-epoch': {
    request: fc.record({
      clusterId: cluster,
      leaderId: node,
      leaderEpoch,
      preferredSuccessors: list(replica),
    }),
    response: maybe({ error: code, leader }, ['error']),
  },
  'quorum-fetch': {
    request: fc.record({
      clusterId: cluster,
      replica,
      currentEpoch: leaderEpoch,
      fetchOffset: position,
      lastFetchedEpoch: leaderEpoch,
      highWatermark: position,
      waitMsMax: wait,
      bytesMax: count,
    }),
    response: maybe(
      {
        error: code,
        leader,
        highWatermark: position,
        logStartOffset: position,
        diverging,
        records,
      },
      ['error', 'diverging'],
    ),
  },
  'describe-quorum': {
    request: fc.constant({}),
    response: fc.record({
      leaderId: node,
      epoch: leaderEpoch,
      highWatermark: position,
      voters: list(member),
      observers: list(member),
    }),
  },
}
