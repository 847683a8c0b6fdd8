import { expect, test } from 'vitest'
import {
  describeNodeConfig,
  describeTopicConfig,
  dynamicSetting,
  minInsyncReplicas,
  topicConfig,
} from '../../../../src/core/config/effective-config.ts'
import { settingsWith } from '../../../golden/controller/clerk.ts'

function layers(configs: Readonly<Record<string, Readonly<Record<string, string>>>>): {
  readonly configs: ReadonlyMap<string, Readonly<Record<string, string>>>
} {
  return { configs: new Map(Object.entries(configs)) }
}

test('without configs the node’s settings hold, and say where they come from', () => {
  const viewer = { nodeId: 1, settings: settingsWith({ 'fetch.max.bytes': 4096 }) }
  expect(dynamicSetting(layers({}), viewer, 'fetch.max.bytes')).toBe(4096)
  const described = describeNodeConfig(layers({ 'broker/1': { 'num.partitions': '3' } }), viewer)
  const entry = (key: string): unknown => described.find((candidate) => candidate.key === key)
  expect(entry('fetch.max.bytes')).toMatchObject({ value: '4096', source: 'static' })
  expect(entry('num.partitions')).toMatchObject({ value: '3', source: 'broker' })
  expect(entry('node.id')).toMatchObject({ source: 'default', isReadOnly: true })
})

test('a broker’s value holds for that broker alone', () => {
  const two = layers({ 'broker/2': { 'fetch.max.bytes': '9000' } })
  const of = (nodeId: number): number =>
    dynamicSetting(two, { nodeId, settings: settingsWith() }, 'fetch.max.bytes')
  expect(of(2)).toBe(9000)
  expect(of(1)).toBe(settingsWith()['fetch.max.bytes'])
})

test('min ISR never comes from a node’s own file, or two nodes could differ about it', () => {
  const viewer = { nodeId: 1, settings: settingsWith({ 'min.insync.replicas': 1 }) }
  expect(minInsyncReplicas(layers({}), { name: 't', replicaCount: 3 })).toBe(2)
  expect(topicConfig(layers({}), viewer, 't')['min.insync.replicas']).toBe(-1)
  const inCluster = layers({ 'cluster/': { 'min.insync.replicas': '3' } })
  expect(minInsyncReplicas(inCluster, { name: 't', replicaCount: 3 })).toBe(3)
  const described = describeTopicConfig(inCluster, viewer, 't')
  expect(described.find(({ key }) => key === 'min.insync.replicas')).toMatchObject({
    value: '3',
    source: 'cluster',
  })
})

test('a stored value that this build does not accept counts as not set', () => {
  const odd = layers({ 'topic/t': { 'segment.bytes': 'many' } })
  const viewer = { nodeId: 1, settings: settingsWith() }
  expect(topicConfig(odd, viewer, 't')['segment.bytes']).toBe(settingsWith()['log.segment.bytes'])
})
