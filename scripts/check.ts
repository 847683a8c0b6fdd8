/**
 * The whole gate (`npm run check`). It writes nothing into the tree. The static steps run side by
 * side, two at a time, then every test; `--static` leaves the tests out. The last line is
 * `N passed, N failed`, each static step counted as one.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

interface Step {
  readonly name: string
  readonly command: readonly string[]
}

interface Count {
  readonly passed: number
  readonly failed: number
}

const root = new URL('..', import.meta.url).pathname
const tool = (path: string): string => join(root, 'node_modules', path)
const lint = join(root, 'scripts/lint')

const steps: readonly Step[] = [
  {
    name: 'eslint',
    command: [tool('eslint/bin/eslint.js'), '-c', `${lint}/eslint.config.js`]
      .concat(['--max-warnings', '0'])
      .concat(['src', 'test', 'scripts']),
  },
  { name: 'types', command: [tool('typescript/bin/tsc'), '--noEmit', '-p', 'tsconfig.json'] },
  {
    name: 'types of base, core, engine and sim without a host',
    command: [tool('typescript/bin/tsc'), '-p', `${lint}/tsconfig.pure.json`],
  },
  {
    name: 'types of scripts',
    command: [tool('typescript/bin/tsc'), '-p', 'scripts/tsconfig.json'],
  },
  { name: 'format', command: [tool('prettier/bin/prettier.cjs'), '--check', '.'] },
  {
    name: 'layers, cycles and orphans',
    command: [tool('dependency-cruiser/bin/dependency-cruiser.mjs'), '--config'].concat([
      `${lint}/layers.cjs`,
      'src',
    ]),
  },
  { name: 'dead code', command: [tool('knip/bin/knip.js'), '--config', `${lint}/knip.json`] },
]

async function main(): Promise<void> {
  const startedAtMs = performance.now()
  let total = await runAll(steps)
  if (!process.argv.includes('--static')) {
    const tested = await runTests()
    total = add(total, tested)
  }
  const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(0)
  process.stdout.write(`\nThe gate took ${seconds} s.\n`)
  process.stdout.write(`${total.passed} passed, ${total.failed} failed\n`)
  process.exitCode = total.failed === 0 ? 0 : 1
}

/** Two at a time: the machine that runs the gate may have two cores only. */
async function runAll(all: readonly Step[]): Promise<Count> {
  let next = 0
  let total: Count = { passed: 0, failed: 0 }
  const lane = async (): Promise<void> => {
    for (let step = all[next++]; step !== undefined; step = all[next++]) {
      const count = await runStep(step)
      total = add(total, count)
    }
  }
  await Promise.all([lane(), lane()])
  return total
}

async function runStep(step: Step): Promise<Count> {
  const startedAtMs = performance.now()
  const { status, output } = await run(step.command, 'pipe')
  const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(1)
  process.stdout.write(`${status === 0 ? '✓' : '✗'} ${step.name} (${seconds} s)\n`)
  if (status !== 0) process.stdout.write(`${output.trimEnd()}\n`)
  return status === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 }
}

async function runTests(): Promise<Count> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-gate-'))
  const report = join(folder, 'report.json')
  try {
    const { status } = await run(
      [
        tool('vitest/vitest.mjs'),
        ...['run', '--config', 'test/vitest.config.ts', '--reporter=default', '--reporter=json'],
        `--outputFile.json=${report}`,
      ],
      'inherit',
    )
    const count = readReport(report)
    return status !== 0 && count.failed === 0 ? { passed: count.passed, failed: 1 } : count
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Failed suites (a file that does not load) count as well as failed tests. */
function readReport(path: string): Count {
  const report: unknown = JSON.parse(readFileSync(path, 'utf8'))
  const read = (key: string): number => {
    const value: unknown =
      typeof report === 'object' && report !== null ? Reflect.get(report, key) : undefined
    return typeof value === 'number' ? value : 0
  }
  const failed = read('numFailedTests')
  return {
    passed: read('numPassedTests'),
    failed: failed === 0 ? read('numFailedTestSuites') : failed,
  }
}

function add(one: Count, other: Count): Count {
  return { passed: one.passed + other.passed, failed: one.failed + other.failed }
}

async function run(
  command: readonly string[],
  stdio: 'pipe' | 'inherit',
): Promise<{ readonly status: number; readonly output: string }> {
  return new Promise((resolve, reject) => {
    let output = ''
    const child = spawn(process.execPath, command, { cwd: root, stdio: ['ignore', stdio, stdio] })
    const keep = (chunk: Buffer): void => {
      output += chunk.toString()
    }
    child.stdout?.on('data', keep)
    child.stderr?.on('data', keep)
    child.on('error', reject)
    child.on('close', (code) => {
      resolve({ status: code ?? 1, output })
    })
  })
}

await main()
