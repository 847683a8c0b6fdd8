/**
 * How a setting is declared: once, with its key, type, default, bounds and a sentence for people.
 * Everything that reads, checks or documents settings works over such declarations.
 */

/** Where a setting may be given. `topic`: also per topic; `dynamic`: also changed at run time for a broker or the cluster. */
export type SettingScope = 'static' | 'dynamic' | 'topic'

interface Facts {
  readonly scope: SettingScope
  /** One sentence, with the unit. */
  readonly doc: string
}

/** A whole number within bounds. */
export interface IntSetting extends Facts {
  readonly type: 'int'
  readonly default: number
  readonly min: number
  readonly max: number
  /** A value outside of the bounds that has a meaning of its own. */
  readonly also?: number
}

/** A share or rate. */
export interface NumberSetting extends Facts {
  readonly type: 'number'
  readonly default: number
  readonly min: number
  readonly max: number
}

/** `true` or `false`. */
export interface BooleanSetting extends Facts {
  readonly type: 'boolean'
  readonly default: boolean
}

/** Free text; '' when absent. */
export interface TextSetting extends Facts {
  readonly type: 'text'
  readonly default: string
}

/** Comma-separated texts. */
export interface ListSetting extends Facts {
  readonly type: 'list'
  readonly default: readonly string[]
}

/** One of some words. */
export interface ChoiceSetting<W extends string = string> extends Facts {
  readonly type: 'choice'
  readonly default: W
  readonly words: readonly W[]
}

/** Any declaration. */
export type Setting =
  IntSetting | NumberSetting | BooleanSetting | TextSetting | ListSetting | ChoiceSetting

/** The value type of a declaration. */
export type ValueOf<S extends Setting> =
  S extends ChoiceSetting<infer W>
    ? W
    : S extends IntSetting | NumberSetting
      ? number
      : S extends BooleanSetting
        ? boolean
        : S extends ListSetting
          ? readonly string[]
          : string

/** Values of a table of declarations. */
export type ValuesOf<T extends Readonly<Record<string, Setting>>> = {
  readonly [K in keyof T]: ValueOf<T[K]>
}

/** Declares a whole number; without bounds, zero or more. */
export function int(
  scope: SettingScope,
  value: number,
  doc: string,
  bounds: { readonly min?: number; readonly max?: number; readonly also?: number } = {},
): IntSetting {
  return {
    type: 'int',
    scope,
    default: value,
    doc,
    min: bounds.min ?? 0,
    max: bounds.max ?? Number.MAX_SAFE_INTEGER,
    ...(bounds.also !== undefined && { also: bounds.also }),
  }
}

/** Declares a number. */
export function number(
  scope: SettingScope,
  value: number,
  doc: string,
  bounds: { readonly min: number; readonly max: number },
): NumberSetting {
  return { type: 'number', scope, default: value, doc, ...bounds }
}

/** Declares a truth value. */
export function boolean(scope: SettingScope, value: boolean, doc: string): BooleanSetting {
  return { type: 'boolean', scope, default: value, doc }
}

/** Declares a text. */
export function text(scope: SettingScope, value: string, doc: string): TextSetting {
  return { type: 'text', scope, default: value, doc }
}

/** Declares a list. */
export function list(scope: SettingScope, value: readonly string[], doc: string): ListSetting {
  return { type: 'list', scope, default: value, doc }
}

/** Declares a choice of words. */
export function choice<const W extends string>(
  scope: SettingScope,
  value: W,
  words: readonly W[],
  doc: string,
): ChoiceSetting<W> {
  return { type: 'choice', scope, default: value, words, doc }
}
