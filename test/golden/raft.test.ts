/**
 * Golden conversations of one quorum node: commands in, what it wants done out. Files are in
 * `golden/raft`; `REWRITE=1` writes the answers into them.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { RaftScript } from './raft-script.ts'

const folder = new URL('./raft/', import.meta.url)

function play(script: string): string {
  const subject = new RaftScript()
  return script
    .split(/\n\n+/)
    .filter((block) => block.trim() !== '')
    .map((block) => {
      const [commands = ''] = block.split('\n----\n')
      return `${commands.trimEnd()}\n----\n${subject.play(commands)}\n`
    })
    .join('\n')
}

for (const file of readdirSync(folder)) {
  test(`golden raft/${file}`, () => {
    const path = new URL(file, folder)
    const want = readFileSync(path, 'utf8')
    const got = play(want)
    if (process.env['REWRITE'] === '1') writeFileSync(path, got)
    else expect(got).toBe(want)
  })
}
