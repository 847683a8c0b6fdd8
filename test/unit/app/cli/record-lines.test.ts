/** The input of `sluice produce` is bytes: what comes in between line feeds goes out as it was. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import {
  checkInputs,
  readLines,
  splitLine,
  splitLines,
} from '../../../../src/app/cli/record-lines.ts'

const scratch = mkdtempSync(join(tmpdir(), 'sluice-lines-'))

afterAll(() => {
  rmSync(scratch, { recursive: true, force: true })
})

async function linesOf(...chunks: readonly (string | Uint8Array)[]): Promise<readonly string[]> {
  async function* input(): AsyncGenerator<Uint8Array> {
    for (const chunk of chunks) yield await Promise.resolve(Buffer.from(chunk))
  }
  const lines: string[] = []
  for await (const line of splitLines(input())) lines.push(Buffer.from(line).toString('latin1'))
  return lines
}

test('a line ends at a line feed and nowhere else', async () => {
  const odd = Buffer.from('a\rb\u2028c\u2029d\u0085e\r').toString('latin1')
  expect(await linesOf('a\rb\u2028c\u2029d\u0085e\r\nnext\n')).toEqual([odd, 'next'])
})

test('bytes that are no UTF-8 come through', async () => {
  expect(await linesOf(Uint8Array.of(0xff, 0x00, 0xc3, 0x0a, 0x80))).toEqual(['\xff\0\xc3', '\x80'])
})

test('a last line without line feed counts, an empty rest does not', async () => {
  expect(await linesOf('a\n\nb')).toEqual(['a', '', 'b'])
  expect(await linesOf('a\n')).toEqual(['a'])
  expect(await linesOf('\n')).toEqual([''])
  expect(await linesOf()).toEqual([])
})

test('lines go on over chunks, wherever these are cut', async () => {
  expect(await linesOf('ab', 'cd', '\nef\n', '\n', 'g')).toEqual(['abcd', 'ef', '', 'g'])
})

test('keys are cut at the first separator, byte for byte', () => {
  const line = Uint8Array.of(0xff, 0x3a, 0x3a, 0x80, 0x3a, 0x01)
  const { key, value } = splitLine(line, Buffer.from('::'))
  expect(Array.from(key ?? [])).toEqual([0xff])
  expect(Array.from(value)).toEqual([0x80, 0x3a, 0x01])
  expect(splitLine(line, Buffer.from('='))).toEqual({ key: undefined, value: line })
  expect(splitLine(line, undefined)).toEqual({ key: undefined, value: line })
})

test('line numbers count over all files, blank lines too', async () => {
  const files = ['one', 'two'].map((name) => join(scratch, name))
  writeFileSync(files[0] ?? '', 'a\n\nb')
  writeFileSync(files[1] ?? '', 'c\n')
  const seen: [number, string][] = []
  for await (const { number, bytes } of readLines(files, new AbortController().signal))
    seen.push([number, Buffer.from(bytes).toString()])
  expect(seen).toEqual([
    [1, 'a'],
    [2, ''],
    [3, 'b'],
    [4, 'c'],
  ])
})

test('an input that is missing, a directory, or stdin twice is refused by name', async () => {
  const missing = join(scratch, 'missing')
  await expect(checkInputs([missing])).rejects.toThrow(
    `${missing} cannot be read: it does not exist`,
  )
  await expect(checkInputs([scratch])).rejects.toThrow(`${scratch} is a directory`)
  await expect(checkInputs(['-', '-'])).rejects.toThrow('only once')
})
