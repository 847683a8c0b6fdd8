import { expect, test } from 'vitest'
import {
  clusterId,
  epoch,
  nodeId,
  offset,
  partitionEpoch,
  partitionIndex,
  topicId,
} from '../../../../src/base/id.ts'
import { type MetadataResponse } from '../../../../src/core/api/metadata.ts'
import { MetadataCache } from '../../../../src/core/client/metadata-cache.ts'

const id = topicId('AAAAAAAAAAAAAAAAAAAABQ')

function answer(at: number, leader: number, cluster = 'AAAAAAAAAAAAAAAAAAAACQ'): MetadataResponse {
  return {
    clusterId: clusterId(cluster),
    metadataOffset: offset(at),
    brokers: [],
    topics: [
      {
        name: 't',
        id,
        partitions: [
          {
            partition: partitionIndex(0),
            leader: nodeId(leader),
            leaderEpoch: epoch(at),
            partitionEpoch: partitionEpoch(0),
            replicas: [],
            isr: [],
            elr: [],
          },
        ],
      },
    ],
  }
}

test('an answer of a broker that lags never replaces a newer one', () => {
  const cache = new MetadataCache()
  expect(cache.learn(answer(10, 1))).toBe(true)
  expect(cache.learn(answer(5, 2))).toBe(true)
  expect(cache.leaderOf('t', 0)).toEqual({ topicId: id, leader: 1, leaderEpoch: 10 })
  cache.learn(answer(11, 3))
  expect(cache.leaderOf('t', 0)?.leader).toBe(3)
})

test('an answer of another cluster changes nothing', () => {
  const cache = new MetadataCache()
  cache.learn(answer(10, 1))
  expect(cache.learn(answer(20, 2, 'AAAAAAAAAAAAAAAAAAAADQ'))).toBe(false)
  expect(cache.leaderOf('t', 0)?.leader).toBe(1)
})

test('what was never asked for is not known', () => {
  const cache = new MetadataCache()
  cache.learn(answer(10, 1))
  expect(cache.leaderOf('t', 1)).toBeUndefined()
  expect(cache.topic('other')).toBeUndefined()
})
