import { expect, test } from 'vitest'
import { type ConfigResource } from '../../../../src/core/api/cluster-admin.ts'
import { describeTopicConfig, topicConfig } from '../../../../src/core/config/effective-config.ts'
import { Clerk, settingsWith } from '../../../golden/controller/clerk.ts'

const topic: ConfigResource = { type: 'topic', name: 't' }
const broker: ConfigResource = { type: 'broker', name: '1' }
const cluster: ConfigResource = { type: 'cluster', name: '' }

function withTopic(): Clerk {
  const clerk = new Clerk()
  clerk.bringUp(1)
  clerk.create('t')
  return clerk
}

function codeOf(clerk: Clerk, resource: ConfigResource, key: string, value?: string): string {
  const outcome = clerk.configure(resource, key, value)
  return outcome.ok ? (outcome.value.resources[0]?.error?.code ?? 'ok') : outcome.code
}

test('a topic’s own value wins over the broker’s, that over the cluster’s, that over the file’s', () => {
  const clerk = withTopic()
  const viewer = { nodeId: 1, settings: settingsWith({ 'message.max.bytes': 2000 }) }
  const value = (): number => topicConfig(clerk.image(), viewer, 't')['max.message.bytes']
  expect(value()).toBe(2000)
  clerk.configure(cluster, 'message.max.bytes', '3000')
  expect(value()).toBe(3000)
  clerk.configure(broker, 'message.max.bytes', '4000')
  expect(value()).toBe(4000)
  clerk.configure(topic, 'max.message.bytes', '5000')
  expect(value()).toBe(5000)
  const described = describeTopicConfig(clerk.image(), viewer, 't')
  expect(described.find(({ key }) => key === 'max.message.bytes')).toMatchObject({
    value: '5000',
    source: 'topic',
  })
  clerk.configure(topic, 'max.message.bytes')
  expect(value()).toBe(4000)
})

test('an unknown key, a bad value, a fixed key and an unknown resource are refused', () => {
  const clerk = withTopic()
  expect(codeOf(clerk, topic, 'nonsense', '1')).toBe('INVALID_CONFIG')
  expect(codeOf(clerk, topic, 'nonsense')).toBe('INVALID_CONFIG')
  expect(codeOf(clerk, topic, 'flush', 'never')).toBe('INVALID_CONFIG')
  expect(codeOf(clerk, topic, 'segment.bytes', '12')).toBe('INVALID_CONFIG')
  expect(codeOf(clerk, broker, 'node.id', '7')).toBe('INVALID_CONFIG')
  expect(codeOf(clerk, broker, 'min.insync.replicas', '1')).toBe('INVALID_CONFIG')
  expect(codeOf(clerk, { type: 'topic', name: 'x' }, 'flush', 'ack')).toBe(
    'UNKNOWN_TOPIC_OR_PARTITION',
  )
  expect(codeOf(clerk, { type: 'broker', name: '9' }, 'fetch.max.bytes', '4096')).toBe(
    'BROKER_ID_NOT_REGISTERED',
  )
  expect(codeOf(clerk, { type: 'cluster', name: 'x' }, 'fetch.max.bytes', '4096')).toBe(
    'INVALID_REQUEST',
  )
  expect(clerk.image().configs.size).toBe(0)
})

test('a value that is there already writes nothing', () => {
  const clerk = withTopic()
  expect(codeOf(clerk, topic, 'flush', 'interval')).toBe('ok')
  expect(codeOf(clerk, topic, 'flush', ' interval ')).toBe('ok')
  expect(clerk.records()).toEqual([])
})

test('one bad key of a resource refuses the whole of it', () => {
  const clerk = withTopic()
  clerk.ask('alter-configs', {
    validateOnly: false,
    resources: [
      {
        resource: topic,
        changes: [
          { key: 'flush', value: 'interval' },
          { key: 'nonsense', value: '1' },
        ],
      },
    ],
  })
  expect(clerk.image().configs.size).toBe(0)
})
