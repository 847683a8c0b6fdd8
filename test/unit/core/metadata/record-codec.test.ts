import { expect, test } from 'vitest'
import {
  brokerEpoch,
  directoryId,
  incarnationId,
  nodeId,
  offset,
  partitionIndex,
  topicId,
  epoch,
} from '../../../../src/base/id.ts'
import { decodeRecord, encodeRecord } from '../../../../src/core/metadata/record-codec.ts'
import { type MetadataRecord } from '../../../../src/core/metadata/records/record.ts'

const topic = topicId('AAECAwQFBgcICQoLDA0ODw')
const directory = directoryId('EBESExQVFhcYGRobHB0eHw')
const ids = (...values: readonly number[]): readonly ReturnType<typeof nodeId>[] =>
  values.map(nodeId)

const golden: readonly (readonly [string, MetadataRecord])[] = [
  [
    '01 0000 01 02 202122232425262728292a2b2c2d2e2f 02 06 434c49 02 68 1bb4 01 02 72 02 02 66 02 04 02 101112131415161718191a1b1c1d1e1f 02 000102030405060708090a0b0c0d0e0f 04 00 01 0a 0000000000000064',
    {
      type: 'register-broker',
      brokerId: nodeId(1),
      incarnationId: incarnationId('ICEiIyQlJicoKSorLC0uLw'),
      endpoints: [{ listener: 'CLI', host: 'h', port: 7092 }],
      rack: 'r',
      features: [{ name: 'f', min: 1, max: 2 }],
      directoryIds: [directory],
      uncleanLogs: [
        {
          topicId: topic,
          partition: partitionIndex(2),
          reason: 'interval',
          lastEpoch: epoch(5),
          endOffset: offset(100),
        },
      ],
    },
  ],
  [
    '01 0011 01 02 0000000000000007 03 00 01',
    {
      type: 'broker-registration-change',
      brokerId: nodeId(1),
      brokerEpoch: brokerEpoch(7),
      isFenced: false,
      inControlledShutdown: true,
    },
  ],
  [
    '01 0002 01 02 74 000102030405060708090a0b0c0d0e0f',
    { type: 'topic', name: 't', topicId: topic },
  ],
  [
    '01 000f 01 02 0000000000000007 00000000000003e8',
    {
      type: 'producer-ids',
      brokerId: nodeId(1),
      brokerEpoch: brokerEpoch(7),
      nextProducerId: 1000,
    },
  ],
  ['01 0009 01 000102030405060708090a0b0c0d0e0f', { type: 'remove-topic', topicId: topic }],
  [
    '01 0003 01 000102030405060708090a0b0c0d0e0f 06 04 02 04 02 101112131415161718191a1b1c1d1e1f 02 02 02 04 00 00 00 01 02',
    {
      type: 'partition',
      topicId: topic,
      partition: partitionIndex(3),
      replicas: ids(1, 2),
      directories: [directory],
      isr: ids(1),
      elr: ids(2),
      lastKnownElr: [],
      addingReplicas: [],
      removingReplicas: [],
      leader: nodeId(1),
    },
  ],
  [
    '01 0005 01 000102030405060708090a0b0c0d0e0f 00 0086 02 04 00 04',
    {
      type: 'partition-change',
      topicId: topic,
      partition: partitionIndex(0),
      isr: ids(2),
      elr: [],
      leader: nodeId(2),
    },
  ],
  [
    '01 0004 01 08 63 6c 2f 78 04 6b 6b 01 02 76',
    { type: 'config', resource: 'cl/x', key: 'kk', value: 'v' },
  ],
  ['01 000c 01 02 66 02', { type: 'feature-level', name: 'f', level: 1 }],
  ['01 0014 01', { type: 'no-op' }],
]

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

test('the bytes of each record are these, so that old logs stay readable', () => {
  for (const [bytes, record] of golden) {
    expect(hex(encodeRecord(record))).toBe(bytes.replaceAll(' ', ''))
  }
})

test('an unknown type, version or frame is refused by name', () => {
  expect(decodeRecord(Uint8Array.of(1, 0, 99, 1))).toEqual({
    ok: false,
    message: 'metadata record type 99 is unknown.',
  })
  expect(decodeRecord(Uint8Array.of(1, 0, 20, 2))).toEqual({
    ok: false,
    message: 'version 2 of metadata record no-op is unknown; this build reads 1 to 1.',
  })
  expect(decodeRecord(Uint8Array.of(2, 0, 20, 1))).toEqual({
    ok: false,
    message: 'metadata record frame version 2 is unknown.',
  })
})
