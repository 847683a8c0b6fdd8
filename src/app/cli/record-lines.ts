/**
 * The input of `sluice produce`: lines of files or of stdin, joined, each one record. Bytes are never
 * decoded: a line ends at 0x0A and nowhere else, and everything before it is the record.
 */
import { createReadStream, fstatSync } from 'node:fs'
import { access, constants, stat } from 'node:fs/promises'
import { type Readable } from 'node:stream'
import { CommandError } from './failure.ts'

/** One line of the joined input. */
export interface InputLine {
  /** From 1 over the whole input. */
  readonly number: number
  readonly bytes: Uint8Array
}

const lineFeed = 0x0a
const stdin = '-'
const nothing = Buffer.alloc(0)

/** Refuses inputs that cannot be read, before anything is sent. */
export async function checkInputs(files: readonly string[]): Promise<void> {
  const inputs = inputsOf(files)
  if (inputs.filter((file) => file === stdin).length > 1)
    throw new CommandError('USAGE', 'The input - (stdin) can be read only once.')
  for (const file of inputs) {
    const isDirectory = file === stdin ? fstatSync(0).isDirectory() : await check(file)
    if (!isDirectory) continue
    const name = file === stdin ? 'stdin' : file
    throw new CommandError('USAGE', `The input ${name} is a directory: name files.`)
  }
}

/** Lines of the files in order; `-` or no file is stdin. Ends early, without error, at the abort. */
export async function* readLines(
  files: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<InputLine> {
  const isOver = (): boolean => signal.aborted
  let number = 0
  for (const file of inputsOf(files)) {
    if (isOver()) return
    const input: Readable = file === stdin ? process.stdin : createReadStream(file)
    const end = (): void => {
      input.destroy()
    }
    signal.addEventListener('abort', end, { once: true })
    try {
      for await (const bytes of splitLines(input)) {
        number += 1
        yield { number, bytes }
      }
    } catch (cause) {
      if (isOver()) return
      throw new CommandError('FAILED', `The input ${file} cannot be read: ${reasonOf(cause)}.`)
    } finally {
      signal.removeEventListener('abort', end)
      input.destroy()
    }
  }
}

/** The pieces between line feeds; what follows the last one counts unless it is empty. */
export async function* splitLines(chunks: AsyncIterable<unknown>): AsyncGenerator<Uint8Array> {
  let pieces: Uint8Array[] = []
  for await (const chunk of chunks) {
    const bytes = chunk instanceof Uint8Array ? chunk : nothing // streams without encoding give bytes
    let start = 0
    for (let at = bytes.indexOf(lineFeed); at >= 0; at = bytes.indexOf(lineFeed, start)) {
      const piece = bytes.subarray(start, at)
      yield pieces.length === 0 ? piece : Buffer.concat([...pieces, piece])
      pieces = []
      start = at + 1
    }
    if (start < bytes.length) pieces.push(bytes.subarray(start))
  }
  if (pieces.length > 0) yield Buffer.concat(pieces)
}

/** Key and value of a line; without a separator, or where it does not occur, there is no key. */
export function splitLine(
  bytes: Uint8Array,
  separator: Uint8Array | undefined,
): { readonly key: Uint8Array | undefined; readonly value: Uint8Array } {
  if (separator === undefined) return { key: undefined, value: bytes }
  const at = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf(separator)
  if (at < 0) return { key: undefined, value: bytes }
  return { key: bytes.subarray(0, at), value: bytes.subarray(at + separator.length) }
}

function inputsOf(files: readonly string[]): readonly string[] {
  return files.length === 0 ? [stdin] : files
}

/** Whether it is a directory. */
async function check(file: string): Promise<boolean> {
  try {
    await access(file, constants.R_OK)
    return (await stat(file)).isDirectory()
  } catch (cause) {
    throw new CommandError('USAGE', `The input ${file} cannot be read: ${reasonOf(cause)}.`)
  }
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  const code = 'code' in cause ? cause.code : undefined
  if (code === 'ENOENT') return 'it does not exist'
  return code === 'EACCES' ? 'permission is denied' : cause.message
}
