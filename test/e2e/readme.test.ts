/** The README's program runs as it is written. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startTemporaryCluster } from '../processes/temporary-cluster.ts'

const root = new URL('../..', import.meta.url).pathname

test('the example of the README writes a record and reads it back', async () => {
  const [, program = ''] =
    /```ts\n([\s\S]*?)```/.exec(readFileSync(`${root}/README.md`, 'utf8')) ?? []
  await using running = await startTemporaryCluster()
  const folder = mkdtempSync(join(tmpdir(), 'sluice-readme-'))
  const file = join(folder, 'example.mts')
  // Only where the package and the cluster are differs from what a reader would run.
  writeFileSync(
    file,
    program
      .replace("'sluice'", `'${root}/src/app/sdk/index.ts'`)
      .replace('127.0.0.1:7092', running.bootstrap),
  )
  const { stdout, stderr } = spawnSync(process.execPath, [file], { timeout: 60_000 })
  rmSync(folder, { recursive: true })
  expect(stderr.toString()).toBe('')
  expect(stdout.toString()).toMatch(/^written to partition \d at offset 0\nread tea\n$/)
}, 120_000)
