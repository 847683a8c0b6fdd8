/** Values of settings as text: how a file, a flag or a request gives them, checked against the declaration. */
import { type Setting } from './define.ts'

/** Any value of a setting. */
export type SettingValue = number | boolean | string | readonly string[]

/** A value, or what was expected, as a phrase: "a whole number from 1 to 5". */
export type ParsedSettingValue =
  | { readonly ok: true; readonly value: SettingValue }
  | { readonly ok: false; readonly expected: string }

/** The value in a text, within the bounds of its setting. */
export function parseSettingValue(setting: Setting, text: string): ParsedSettingValue {
  const trimmed = text.trim()
  switch (setting.type) {
    case 'int':
      return /^-?\d{1,16}$/.test(trimmed) && isWithin(Number(trimmed), setting)
        ? { ok: true, value: Number(trimmed) }
        : { ok: false, expected: `a whole number ${range(setting)}` }
    case 'number':
      return /^-?\d+(\.\d+)?$/.test(trimmed) && isWithin(Number(trimmed), setting)
        ? { ok: true, value: Number(trimmed) }
        : { ok: false, expected: `a number ${range(setting)}` }
    case 'boolean':
      return trimmed === 'true' || trimmed === 'false'
        ? { ok: true, value: trimmed === 'true' }
        : { ok: false, expected: 'true or false' }
    case 'choice':
      return setting.words.includes(trimmed)
        ? { ok: true, value: trimmed }
        : { ok: false, expected: `one of ${setting.words.join(', ')}` }
    case 'list':
      return {
        ok: true,
        value: trimmed
          .split(',')
          .map((item) => item.trim())
          .filter((item) => item !== ''),
      }
    case 'text':
      return { ok: true, value: trimmed }
  }
}

/** A value as the text that `parseSettingValue` reads. */
export function printSettingValue(value: SettingValue): string {
  return typeof value === 'object' ? value.join(',') : String(value)
}

interface Bounds {
  readonly min: number
  readonly max: number
  readonly also?: number
}

function isWithin(value: number, { min, max, also }: Bounds): boolean {
  return value === also || (value >= min && value <= max)
}

function range({ min, max, also }: Bounds): string {
  const bounds = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`
  return also === undefined ? bounds : `${bounds}, or ${also}`
}
