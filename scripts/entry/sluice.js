#!/usr/bin/env node
// The `sluice` command. A checkout runs the TypeScript sources (Node strips the types), the published
// package its compiled ones, because Node refuses .ts files below node_modules. Imports almost
// nothing, so that `sluice --help` answers at once.
import { existsSync } from 'node:fs'
import * as nodeModule from 'node:module'
import { fileURLToPath } from 'node:url'

const root = new URL('../../', import.meta.url)
const source = new URL('src/app/cli/main.ts', root)
const [major = 0] = process.versions.node.split('.').map(Number)

// From the second start on, neither the compiler nor the type stripper (25 MB) is needed.
nodeModule.enableCompileCache?.()

if (major < 24) await runUnderBundledNode()
else await import(existsSync(source) ? source.href : new URL('dist/src/app/cli/main.js', root).href)

/** A system's older Node hands over to the Node 24 that came with `npm ci`. */
async function runUnderBundledNode() {
  const node = fileURLToPath(new URL('node_modules/node/bin/node', root))
  if (!existsSync(node)) {
    process.stderr.write(
      `sluice needs Node 24 or later and this is ${process.versions.node}: install it, or run npm ci first.\n`,
    )
    process.exit(1)
  }
  const { spawn } = await import('node:child_process')
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: 'inherit',
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('exit', (code, signal) => {
    process.exit(signal === 'SIGINT' ? 130 : (code ?? 1))
  })
}
