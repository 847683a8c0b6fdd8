/** The input of `sluice produce`: lines of files or of stdin, joined, each one record. */
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { type Readable } from 'node:stream'

/** One line of the joined input. */
export interface InputLine {
  /** From 1 over the whole input. */
  readonly number: number
  readonly text: string
}

/** Lines of the files in order; `-` or no file is stdin. */
export async function* readLines(files: readonly string[]): AsyncGenerator<InputLine> {
  let number = 0
  for (const file of files.length === 0 ? ['-'] : files) {
    const input: Readable = file === '-' ? process.stdin : createReadStream(file)
    const lines = createInterface({ input, crlfDelay: Infinity })
    // readline forgets errors of its input: an unreadable file must not look like an empty one.
    const failed = new Promise<never>((_resolve, reject) => input.once('error', reject))
    failed.catch(() => undefined)
    const iterator = lines[Symbol.asyncIterator]()
    for (;;) {
      const next = await Promise.race([iterator.next(), failed])
      if (next.done === true) break
      number += 1
      yield { number, text: next.value }
    }
  }
}

/** Key and value of a line; without a separator, or where it does not occur, there is no key. */
export function splitLine(
  text: string,
  separator: string | undefined,
): { readonly key: string | undefined; readonly value: string } {
  const at = separator === undefined ? -1 : text.indexOf(separator)
  if (separator === undefined || at < 0) return { key: undefined, value: text }
  return { key: text.slice(0, at), value: text.slice(at + separator.length) }
}
