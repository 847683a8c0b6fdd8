/**
 * The gate bites: each planted breach is refused by the tool that is there for it. The breaches are
 * planted together in one copy of the tree, so that every tool runs once.
 */
import { spawn } from 'node:child_process'
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

const root = new URL('../..', import.meta.url).pathname
const copy = mkdtempSync(join(tmpdir(), 'sluice-bites-'))

const breaches: Readonly<Record<string, string>> = {
  'src/core/replica/planted-host.ts':
    "/** Planted. */\nimport { readFileSync } from 'node:fs'\n/** Planted. */\nexport const planted = readFileSync\n",
  'src/core/replica/planted-clock.ts':
    '/** Planted. */\n/** Planted. */\nexport const startedAtMs = Date.now()\n',
  'src/engine/broker/planted-layer.ts':
    "/** Planted. */\nexport { target as planted } from '../client/planted-target.ts'\n",
  'src/engine/client/planted-target.ts': '/** Planted. */\nexport const target = 1\n',
  'src/engine/broker/planted-promise.ts':
    '/** Planted. */\nconst work = async (): Promise<void> => Promise.resolve()\n/** Planted. */\nexport function start(): void {\n  work()\n}\n',
}

/** Added to the end of a file that others use: nobody uses this part of it. */
const deadExport = {
  path: 'src/base/assert.ts',
  text: '\n/** Planted. */\nexport const plantedDead = 1\n',
}

const outputs = new Map<string, string>()

beforeAll(async () => {
  for (const name of ['src', 'scripts', 'test', 'proto', 'package.json', 'tsconfig.json'])
    cpSync(join(root, name), join(copy, name), { recursive: true })
  cpSync(join(root, '.gitignore'), join(copy, '.gitignore'))
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  for (const [path, text] of Object.entries(breaches)) {
    mkdirSync(dirname(join(copy, path)), { recursive: true })
    writeFileSync(join(copy, path), text)
  }
  appendFileSync(join(copy, deadExport.path), deadExport.text)
  const planted = Object.keys(breaches)
  const lint = 'scripts/lint'
  await Promise.all([
    run('eslint', ['eslint/bin/eslint.js', '-c', `${lint}/eslint.config.js`, ...planted]).then(
      async () => run('knip', ['knip/bin/knip.js', '--config', `${lint}/knip.json`]),
    ),
    run('layers', [
      'dependency-cruiser/bin/dependency-cruiser.mjs',
      ...['--config', `${lint}/layers.cjs`, 'src'],
    ]).then(async () => run('pure', ['typescript/bin/tsc', '-p', `${lint}/tsconfig.pure.json`])),
  ])
}, 110_000)

afterAll(() => {
  rmSync(copy, { recursive: true, force: true })
})

test('the core cannot import node:fs', () => {
  expect(outputs.get('layers')).toMatch(
    /base and core touch no host: src\/core\/replica\/planted-host\.ts/,
  )
  expect(outputs.get('pure')).toMatch(/planted-host\.ts.*error TS/)
})

test('the core cannot read the clock', () => {
  expect(linted('planted-clock.ts')).toContain('no-restricted-properties')
})

test('the broker cannot import the client', () => {
  expect(outputs.get('layers')).toMatch(/error engine\/broker imports only: .*planted-layer\.ts/)
})

test('a promise cannot float', () => {
  expect(linted('planted-promise.ts')).toContain('@typescript-eslint/no-floating-promises')
})

test('an export that nobody uses is refused', () => {
  expect(outputs.get('knip')).toMatch(/plantedDead .*src\/base\/assert\.ts/)
})

function linted(name: string): string {
  const blocks = (outputs.get('eslint') ?? '').split('\n\n')
  return blocks.find((block) => block.includes(name)) ?? ''
}

async function run(name: string, command: readonly string[]): Promise<void> {
  const [script = '', ...rest] = command
  const child = spawn(process.execPath, [join(copy, 'node_modules', script), ...rest], {
    cwd: copy,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  outputs.set(name, output)
  if (code === 0) throw new Error(`${name} found nothing wrong`)
}
