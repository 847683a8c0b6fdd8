/**
 * The configs in force: a topic's own value, else the broker's or cluster's dynamic value, else the
 * node's setting. The layers come from the metadata image, which this folder knows only by the one
 * field it needs.
 *
 * `min.insync.replicas` is different: the controller's view of it decides which replicas may lead
 * (KIP-966) and the leader's view when a record is committed, so both must be one. It comes from the
 * image alone, never from a node's own file; the first controller copies its file's value into it.
 */
import { type Setting } from './define.ts'
import { settings, type SettingKey, type Settings } from './settings.ts'
import {
  isSettingKey,
  topicSettingKeys,
  topicSettings,
  type TopicConfig,
  type TopicSettingKey,
} from './topic-settings.ts'
import { parseSettingValue, printSettingValue, type SettingValue } from './value.ts'

/** What of a metadata image the configs in force depend on. */
export interface ConfigLayers {
  /** By resource: `topic/NAME`, `broker/ID`, `cluster/`. */
  readonly configs: {
    readonly get: (resource: string) => Readonly<Record<string, string>> | undefined
  }
}

const minIsrKey = 'min.insync.replicas'

/** Key of the configs that hold for every broker. */
export const clusterResource = 'cluster/'

/** Key of a topic's configs. */
export function topicResource(name: string): string {
  return `topic/${name}`
}

/** Key of a broker's configs. */
export function brokerResource(id: number): string {
  return `broker/${id}`
}

/** The node whose settings count, and what it started with. */
export interface ConfigViewer {
  readonly nodeId: number
  readonly settings: Settings
}

/** Where a value in force comes from. */
type ConfigSource = 'topic' | 'broker' | 'cluster' | 'static' | 'default'

/** One setting in force. */
export interface EffectiveConfig {
  readonly key: string
  readonly value: string
  readonly source: ConfigSource
  /** Only a restart with another file or flag changes it. */
  readonly isReadOnly: boolean
  readonly doc: string
}

/** The settings of a topic as its leader on this node applies them. */
export function topicConfig(layers: ConfigLayers, viewer: ConfigViewer, name: string): TopicConfig {
  const values = topicSettingKeys.map((key) => [
    key,
    topicValue(layers, viewer, { name, key }).value,
  ])
  // The table gives each key its type, which Object.fromEntries cannot carry.
  return Object.fromEntries(values) as TopicConfig
}

/** A setting that may change at run time, as it holds on this node now. */
export function dynamicSetting<K extends SettingKey>(
  layers: ConfigLayers,
  viewer: ConfigViewer,
  key: K,
): Settings[K] {
  // The value passed the declaration of this very key when it was set.
  return nodeValue(layers, viewer, key).value as Settings[K]
}

/**
 * How many in-sync replicas a partition needs before records are committed, at most as many as it
 * has replicas. Without a value of the topic or the cluster: 2 from three replicas on, else 1.
 */
export function minInsyncReplicas(
  layers: ConfigLayers,
  topic: { readonly name: string; readonly replicaCount: number },
): number {
  const text =
    layers.configs.get(topicResource(topic.name))?.[minIsrKey] ??
    layers.configs.get(clusterResource)?.[minIsrKey]
  const asked = text === undefined ? -1 : Number(text)
  if (asked < 1) return topic.replicaCount >= 3 ? 2 : 1
  return Math.min(asked, topic.replicaCount)
}

/** Every setting of a topic with its source, for people. */
export function describeTopicConfig(
  layers: ConfigLayers,
  viewer: ConfigViewer,
  name: string,
): readonly EffectiveConfig[] {
  return topicSettingKeys.map((key) => {
    const { value, source } = topicValue(layers, viewer, { name, key })
    const { doc } = settings[topicSettings[key]]
    return { key, value: printSettingValue(value), source, isReadOnly: false, doc }
  })
}

/** Every setting of a node with its source, for people. */
export function describeNodeConfig(
  layers: ConfigLayers,
  viewer: ConfigViewer,
): readonly EffectiveConfig[] {
  return Object.keys(settings)
    .filter(isSettingKey)
    .map((key) => {
      const { value, source } = nodeValue(layers, viewer, key)
      const { doc, scope } = settings[key]
      return { key, value: printSettingValue(value), source, isReadOnly: scope === 'static', doc }
    })
}

interface Sourced {
  readonly value: SettingValue
  readonly source: ConfigSource
}

function topicValue(
  layers: ConfigLayers,
  viewer: ConfigViewer,
  of: { readonly name: string; readonly key: TopicSettingKey },
): Sourced {
  const own = layers.configs.get(topicResource(of.name))?.[of.key]
  const setting = topicSettings[of.key]
  if (own !== undefined) return { value: parsed(settings[setting], own), source: 'topic' }
  return nodeValue(layers, viewer, setting)
}

function nodeValue(layers: ConfigLayers, viewer: ConfigViewer, key: SettingKey): Sourced {
  if (key === minIsrKey) {
    const asked = layers.configs.get(clusterResource)?.[key]
    if (asked === undefined) return { value: settings[key].default, source: 'default' }
    return { value: parsed(settings[key], asked), source: 'cluster' }
  }
  const ofBroker = layers.configs.get(brokerResource(viewer.nodeId))?.[key]
  if (ofBroker !== undefined) return { value: parsed(settings[key], ofBroker), source: 'broker' }
  const ofCluster = layers.configs.get(clusterResource)?.[key]
  if (ofCluster !== undefined) return { value: parsed(settings[key], ofCluster), source: 'cluster' }
  const value = viewer.settings[key]
  const isDefault = printSettingValue(value) === printSettingValue(settings[key].default)
  return { value, source: isDefault ? 'default' : 'static' }
}

// A value that this build no longer accepts (an older one wrote it) counts as not set.
function parsed(setting: Setting, text: string): SettingValue {
  const result = parseSettingValue(setting, text)
  return result.ok ? result.value : setting.default
}
