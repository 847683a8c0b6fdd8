/** Conversations with idempotent producers: what comes in, what becomes of it. `REWRITE=1` rewrites them. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { ProducersScript } from './producers-script.ts'

const folder = new URL('.', import.meta.url)

function play(text: string): string {
  const script = new ProducersScript()
  const blocks = text.split(/\n\n+/).filter((block) => block.trim() !== '')
  const played = blocks.map((block) => {
    const [commands = ''] = block.split('\n----\n')
    return `${commands.trimEnd()}\n----\n${script.play(commands)}\n`
  })
  return played.join('\n')
}

for (const file of readdirSync(folder).filter((name) => name.endsWith('.txt')))
  test(`golden producers/${file}`, () => {
    const path = new URL(file, folder)
    const want = readFileSync(path, 'utf8')
    const got = play(want)
    if (process.env['REWRITE'] === '1') writeFileSync(path, got)
    else expect(got).toBe(want)
  })
