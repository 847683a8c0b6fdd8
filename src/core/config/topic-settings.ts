/**
 * The settings of a topic: the key under which a topic overrides a node's setting, Kafka's key where
 * Kafka has the thing. Type, bounds and doc are those of the node's setting.
 */
import { type ValueOf } from './define.ts'
import { settings, type SettingKey } from './settings.ts'

/** The node's setting behind each topic key. */
export const topicSettings = {
  'max.message.bytes': 'message.max.bytes',
  'segment.bytes': 'log.segment.bytes',
  'segment.ms': 'log.roll.ms',
  flush: 'log.flush',
  'message.timestamp.type': 'log.message.timestamp.type',
  'message.timestamp.after.max.ms': 'log.message.timestamp.after.max.ms',
  'message.timestamp.before.max.ms': 'log.message.timestamp.before.max.ms',
  'compression.type': 'compression.type',
  'min.insync.replicas': 'min.insync.replicas',
  'unclean.leader.election.enable': 'unclean.leader.election.enable',
  'file.delete.delay.ms': 'file.delete.delay.ms',
  'retention.ms': 'log.retention.ms',
  'retention.bytes': 'log.retention.bytes',
  'cleanup.policy': 'log.cleanup.policy',
  'min.cleanable.dirty.ratio': 'log.cleaner.min.cleanable.ratio',
  'min.compaction.lag.ms': 'log.cleaner.min.compaction.lag.ms',
  'max.compaction.lag.ms': 'log.cleaner.max.compaction.lag.ms',
  'delete.retention.ms': 'log.cleaner.delete.retention.ms',
} as const satisfies Readonly<Record<string, SettingKey>>

/** Key of a setting of a topic. */
export type TopicSettingKey = keyof typeof topicSettings

/** Every topic key, in the order of the table. */
export const topicSettingKeys = Object.keys(topicSettings) as readonly TopicSettingKey[]

/** The settings in force for a topic, typed. */
export type TopicConfig = {
  readonly [K in TopicSettingKey]: ValueOf<(typeof settings)[(typeof topicSettings)[K]]>
}

/** True for a topic of which the newest record of each key is kept. */
export function isCompacted(config: Pick<TopicConfig, 'cleanup.policy'>): boolean {
  return config['cleanup.policy'].includes('compact')
}

/** True for the key of a topic setting. */
export function isTopicSettingKey(key: string): key is TopicSettingKey {
  return Object.hasOwn(topicSettings, key)
}

/** True for the key of a node setting. */
export function isSettingKey(key: string): key is SettingKey {
  return Object.hasOwn(settings, key)
}
