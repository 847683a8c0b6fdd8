/** Whether a config of a topic, a broker or the cluster may be set, and its canonical text. */
import { type ConfigResource } from '../../api/cluster-admin.ts'
import { refuse, type Refusal } from '../../api/error-code.ts'
import { type Setting } from '../../config/define.ts'
import { nearestWord } from '../../config/nearest.ts'
import { settings } from '../../config/settings.ts'
import {
  isSettingKey,
  isTopicSettingKey,
  topicSettingKeys,
  topicSettings,
} from '../../config/topic-settings.ts'
import { parseSettingValue, printSettingValue } from '../../config/value.ts'

/** The text to store, or why it may not be. */
export type CheckedConfig = { readonly ok: true; readonly value: string } | Refusal

// One value for all brokers: the controller decides by them, whichever node it is on.
const clusterWideKeys: readonly string[] = [
  'min.insync.replicas',
  'unclean.leader.election.enable',
  'num.partitions',
  'default.replication.factor',
  'auto.leader.rebalance.enable',
]

const dynamicKeys = Object.keys(settings)
  .filter(isSettingKey)
  .filter((key) => settings[key].scope !== 'static')

/** The declaration behind a key of a resource, or why there is none that can be set. */
export function settingOf(
  resource: ConfigResource,
  key: string,
): { readonly ok: true; readonly setting: Setting } | Refusal {
  if (resource.type === 'topic') {
    return isTopicSettingKey(key)
      ? { ok: true, setting: settings[topicSettings[key]] }
      : refuseUnknown(`topic ${resource.name}`, key, topicSettingKeys)
  }
  if (!isSettingKey(key)) return refuseUnknown(`a ${resource.type}`, key, dynamicKeys)
  if (settings[key].scope === 'static') {
    return refuse(
      'INVALID_CONFIG',
      `${key} is fixed when a node starts: set it in the node's file and restart it.`,
    )
  }
  if (resource.type === 'broker' && clusterWideKeys.includes(key)) {
    return refuse('INVALID_CONFIG', `${key} is one for all brokers: set it for the cluster.`)
  }
  return { ok: true, setting: settings[key] }
}

/** Checks a value of a resource's key. */
export function checkConfig(resource: ConfigResource, key: string, text: string): CheckedConfig {
  const found = settingOf(resource, key)
  if (!found.ok) return found
  const parsed = parseSettingValue(found.setting, text)
  if (parsed.ok) return { ok: true, value: printSettingValue(parsed.value) }
  return refuse(
    'INVALID_CONFIG',
    `${key} takes ${parsed.expected}, not ${JSON.stringify(text.slice(0, 100))}.`,
  )
}

function refuseUnknown(of: string, key: string, known: readonly string[]): Refusal {
  const nearest = nearestWord(key, known)
  const hint = nearest === undefined ? `it takes ${known.join(', ')}.` : `did you mean ${nearest}?`
  const message = `${JSON.stringify(key.slice(0, 100))} is no config of ${of}: ${hint}`
  return refuse('INVALID_CONFIG', message)
}
