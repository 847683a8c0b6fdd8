/**
 * What every command talks to: the global options, data on stdout, everything else on stderr. With
 * `--json`, data is one JSON value (or one a line for streams) and nothing else reaches stdout.
 */
import { styleText } from 'node:util'
import { type Command } from 'commander'
import { CommandError } from './failure.ts'

/** The options that stand before or after any command. */
export interface GlobalOptions {
  readonly bootstrap: string
  readonly json: boolean
  readonly timeoutMs: number | undefined
  readonly quiet: boolean
}

/** A table of texts for people. */
export interface Table {
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** The terminal of one command. */
export class Shell {
  readonly options: GlobalOptions
  readonly #abort = new AbortController()

  /** Reads the global options of a command that is about to run. */
  static of(command: Command): Shell {
    const options: Record<string, unknown> = command.optsWithGlobals()
    const { bootstrap, json, timeout, quiet } = options
    return new Shell({
      bootstrap: typeof bootstrap === 'string' ? bootstrap : '127.0.0.1:7092',
      json: json === true,
      timeoutMs: typeof timeout === 'string' ? durationMs(timeout, '--timeout') : undefined,
      quiet: quiet === true,
    })
  }

  private constructor(options: GlobalOptions) {
    this.options = options
  }

  /** Aborted by the first Ctrl-C, for commands that called `catchInterrupt`. */
  get signal(): AbortSignal {
    return this.#abort.signal
  }

  /** From now on Ctrl-C aborts `signal`; a second one leaves at once. */
  catchInterrupt(): void {
    const onSignal = (): void => {
      if (this.#abort.signal.aborted) process.exit(130)
      this.#abort.abort(new CommandError('INTERRUPTED', 'Interrupted'))
    }
    process.on('SIGINT', onSignal)
    process.on('SIGTERM', onSignal)
  }

  /** The command's answer: JSON for programs, else a text (or nothing) for people. */
  answer(json: unknown, text: string): void {
    if (this.options.json) process.stdout.write(`${JSON.stringify(json)}\n`)
    else if (text !== '') process.stdout.write(`${text}\n`)
  }

  /** The command's answer as a table for people. */
  async answerTable(json: unknown, table: Table): Promise<void> {
    this.answer(json, this.options.json ? '' : await printTable(table))
  }

  /** A remark for people, on stderr. */
  note(text: string): void {
    if (!this.options.quiet) process.stderr.write(`${text}\n`)
  }

  /** A line that replaces itself, only on a terminal. */
  progress(text: string): void {
    if (this.options.quiet || this.options.json || !process.stderr.isTTY) return
    process.stderr.write(`\r\x1b[2K${text}`)
  }

  /** Removes the progress line. */
  endProgress(): void {
    this.progress('')
  }
}

/** Emphasis, where the terminal and the user want colours. */
function emphasized(text: string): string {
  return styleText('bold', text, { stream: process.stdout })
}

/** `500ms`, `30s`, `5m` or plain milliseconds. */
function durationMs(text: string, what: string): number {
  const [, digits = '', unit = 'ms'] = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text) ?? []
  const factor = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }[unit]
  if (digits === '' || factor === undefined)
    throw new CommandError('USAGE', `${what} takes a duration such as 500ms or 30s, not '${text}'.`)
  const ms = Number(digits) * factor
  if (ms <= 0) throw new CommandError('USAGE', `${what} takes more than 0, not '${text}'.`)
  return ms
}

/** A whole number within bounds, of an option or argument. */
export function wholeNumber(
  text: string,
  of: { readonly what: string; readonly min?: number; readonly max?: number },
): number {
  const value = /^-?\d+$/.test(text) ? Number(text) : NaN
  const { min = 0, max = Number.MAX_SAFE_INTEGER } = of
  if (Number.isSafeInteger(value) && value >= min && value <= max) return value
  const range = max === Number.MAX_SAFE_INTEGER ? `from ${min} on` : `from ${min} to ${max}`
  throw new CommandError('USAGE', `${of.what} takes a whole number ${range}, not '${text}'.`)
}

/** Option parser that keeps every occurrence of a repeatable option. */
export function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value]
}

async function printTable({ head, rows }: Table): Promise<string> {
  const { default: CliTable } = await import('cli-table3')
  const none = ''
  const borders = [
    ...['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left'],
    ...['bottom-right', 'left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid'],
  ]
  const table = new CliTable({
    head: head.map(emphasized),
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2 },
    chars: { ...Object.fromEntries(borders.map((name) => [name, none])), middle: none },
  })
  for (const row of rows) table.push([...row])
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
}
