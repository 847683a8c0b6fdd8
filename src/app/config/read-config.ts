/**
 * Finds the settings of a node: flags, then environment, then a `.properties` or YAML file, then
 * defaults. Used by everything that starts, formats or describes a node.
 */
import { readFile } from 'node:fs/promises'
import {
  environmentLayer,
  parseSettings,
  type SettingLayer,
  type SourcedSetting,
} from '../../core/config/parse.ts'
import { readProperties } from '../../core/config/properties.ts'
import { type Settings } from '../../core/config/settings.ts'
import { StartFailure } from '../../engine/node/start-failure.ts'

/** Where to look. */
export interface ConfigInput {
  /** Path of a `.properties`, `.yaml` or `.yml` file. */
  readonly file?: string | undefined
  /** `key=value` texts of flags. */
  readonly set?: readonly string[]
}

/** The settings and where each came from. */
export interface ReadConfig {
  readonly settings: Settings
  readonly sourced: readonly SourcedSetting[]
}

/** Variables of the environment that are not settings of a node. */
const reserved = ['SLUICE_BOOTSTRAP', 'SLUICE_DEBUG']

/** Reads and checks; throws `StartFailure('INVALID_CONFIG')` with one sentence. */
export async function readConfig(input: ConfigInput): Promise<ReadConfig> {
  const layers: SettingLayer[] = [
    { source: 'flag', where: '--set', values: Object.fromEntries((input.set ?? []).map(pairOf)) },
    environmentLayer(process.env, reserved),
  ]
  if (input.file !== undefined) layers.push(await fileLayer(input.file))
  const parsed = parseSettings(layers)
  if (!parsed.ok) throw invalid(parsed.message)
  checkRoles(parsed.settings)
  return parsed
}

/** `key=value` split at the first `=`. */
export function pairOf(text: string): readonly [string, string] {
  const at = text.indexOf('=')
  if (at < 1) throw invalid(`'${text}' is not of the form key=value.`)
  return [text.slice(0, at).trim(), text.slice(at + 1)]
}

async function fileLayer(path: string): Promise<SettingLayer> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new StartFailure('INVALID_CONFIG', `The file ${path} cannot be read: ${reason}.`, {
      cause,
    })
  })
  const values = /\.ya?ml$/.test(path) ? await readYaml(text, path) : readProperties(text)
  return { source: 'file', where: path, values }
}

async function readYaml(text: string, path: string): Promise<Readonly<Record<string, string>>> {
  const { parse } = await import('yaml')
  let document: unknown
  try {
    document = parse(text)
  } catch (cause) {
    const reason = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause)
    throw new StartFailure('INVALID_CONFIG', `The file ${path} is not YAML: ${reason}`, { cause })
  }
  const values: Record<string, string> = {}
  flatten(document ?? {}, '', values)
  return values
}

/** Nested keys are joined by dots, sequences by commas. */
function flatten(node: unknown, prefix: string, values: Record<string, string>): void {
  if (Array.isArray(node)) {
    values[prefix] = node.map(String).join(',')
  } else if (typeof node === 'object' && node !== null) {
    for (const [key, child] of Object.entries(node))
      flatten(child, prefix === '' ? key : `${prefix}.${key}`, values)
  } else {
    values[prefix] = typeof node === 'string' ? node : JSON.stringify(node ?? '')
  }
}

function checkRoles(settings: Settings): void {
  const roles = settings['process.roles']
  const stranger = roles.find((role) => role !== 'broker' && role !== 'controller')
  if (stranger !== undefined)
    throw invalid(`Setting process.roles knows broker and controller, not '${stranger}'.`)
  if (roles.length === 0)
    throw invalid('Setting process.roles is empty: name broker, controller or both.')
}

function invalid(message: string): StartFailure {
  return new StartFailure('INVALID_CONFIG', message)
}
