/**
 * Raw text to typed settings. Layers (flags, environment, file) are laid over the defaults; every
 * value keeps where it came from. A problem is one sentence that names key, value and bound; an
 * unknown key names the nearest known one. Called once at the edge; inside, `Settings` is trusted.
 */
import { nearestWord } from './nearest.ts'
import { type SettingKey, type Settings, settings } from './settings.ts'
import { isSettingKey } from './topic-settings.ts'
import { parseSettingValue, type SettingValue } from './value.ts'

/** Where a value came from. */
export type SettingSource = 'flag' | 'environment' | 'file' | 'default'

/** Raw values of one source. */
export interface SettingLayer {
  readonly source: SettingSource
  /** Shown to people: the path of the file, or the way the values were given. */
  readonly where: string
  readonly values: Readonly<Record<string, string>>
}

/** One setting as it will be in force, with its source. */
export interface SourcedSetting {
  readonly key: SettingKey
  readonly value: SettingValue
  readonly source: SettingSource
  readonly where: string
}

/** Every setting, or one sentence on what is wrong. */
export type ParsedSettings =
  | {
      readonly ok: true
      readonly settings: Settings
      readonly sourced: readonly SourcedSetting[]
    }
  | { readonly ok: false; readonly message: string }

/** Lays the layers (strongest first) over the defaults. */
export function parseSettings(layers: readonly SettingLayer[]): ParsedSettings {
  for (const layer of layers) {
    const stranger = Object.keys(layer.values).find((key) => !isSettingKey(key))
    if (stranger !== undefined) return { ok: false, message: strange(stranger, layer.where) }
  }
  const sourced: SourcedSetting[] = []
  for (const key of Object.keys(settings).filter(isSettingKey)) {
    const layer = layers.find((one) => one.values[key] !== undefined)
    const raw = layer?.values[key]
    if (layer === undefined || raw === undefined) {
      const value = settings[key].default
      sourced.push({ key, value, source: 'default', where: 'default' })
      continue
    }
    const parsed = parseSettingValue(settings[key], raw)
    if (!parsed.ok)
      return {
        ok: false,
        message: `Setting ${key} in ${layer.where} must be ${parsed.expected}, not '${raw}'.`,
      }
    sourced.push({ key, value: parsed.value, source: layer.source, where: layer.where })
  }
  // Each value was parsed by the declaration of its key, which gives it its type.
  const values = Object.fromEntries(sourced.map(({ key, value }) => [key, value])) as Settings
  return { ok: true, settings: values, sourced }
}

/**
 * The settings among the variables of an environment: `SLUICE_LOG_SEGMENT_BYTES` is
 * `log.segment.bytes`. Unknown ones stay, under the key they would have, to be refused.
 */
export function environmentLayer(
  environment: Readonly<Record<string, string | undefined>>,
  reserved: readonly string[],
): SettingLayer {
  const keys = new Map(Object.keys(settings).map((key) => [key.replaceAll('.', '_'), key]))
  const values: Record<string, string> = {}
  for (const [name, value] of Object.entries(environment)) {
    if (value === undefined || !name.startsWith('SLUICE_') || reserved.includes(name)) continue
    const word = name.slice('SLUICE_'.length).toLowerCase()
    values[keys.get(word) ?? word.replaceAll('_', '.')] = value
  }
  return { source: 'environment', where: 'the environment', values }
}

function strange(key: string, where: string): string {
  const near = nearestWord(key, Object.keys(settings))
  const hint = near === undefined ? '' : `: did you mean ${near}?`
  return `Setting ${key} in ${where} is unknown${hint} (sluice config show lists all)`
}
