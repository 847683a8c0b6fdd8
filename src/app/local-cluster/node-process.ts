/** Starts a node as a process of its own that survives the shell, and follows its log until it is ready. */
import { spawn } from 'node:child_process'
import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { getCompileCacheDir } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { identify, type ProcessIdentity, stateOf } from './process-identity.ts'

/** A process that was started and the place in its log where its life begins. */
export interface StartedNode {
  readonly identity: ProcessIdentity
  readonly logFile: string
  readonly logStart: number
}

const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
const program = fileURLToPath(new URL(`../server/main.${extension}`, import.meta.url))
const pollMs = 10

/** Path of a node's log. */
export function logFileOf(nodeDir: string): string {
  return join(nodeDir, 'node.log')
}

/** Path of a node's configuration. */
export function configFileOf(nodeDir: string): string {
  return join(nodeDir, 'node.properties')
}

/** Starts the node of a directory, its output appended to its log. */
export function spawnNode(nodeDir: string): StartedNode {
  const logFile = logFileOf(nodeDir)
  const output = openSync(logFile, 'a')
  const logStart = statSync(logFile).size
  const child = spawn(process.execPath, [program, '--config', configFileOf(nodeDir)], {
    detached: true,
    stdio: ['ignore', output, output],
    env: environment(),
  })
  closeSync(output)
  child.on('error', () => undefined) // seen below: there is no process to identify
  child.unref()
  const identity = child.pid === undefined ? undefined : identify(child.pid)
  if (identity === undefined)
    throw new Error(`The process of ${nodeDir} did not start: see ${logFile}.`)
  return { identity, logFile, logStart }
}

/** With the compile cache from the first module on: saves the type stripper, 25 MB a node. */
function environment(): NodeJS.ProcessEnv {
  const cache = getCompileCacheDir() // below the folder that the variable names
  return {
    UV_THREADPOOL_SIZE: '16',
    NODE_COMPILE_CACHE: cache === undefined ? join(tmpdir(), 'node-compile-cache') : dirname(cache),
    ...process.env,
  }
}

/** Resolves at the READY line; rejects when the process ends before, or is late. */
export async function waitForReady(started: StartedNode, limitMs: number): Promise<void> {
  const limitAtMs = performance.now() + limitMs
  for (;;) {
    const isGone = stateOf(started.identity) === 'gone'
    const log = readFrom(started.logFile, started.logStart)
    if (/^sluice ready /m.test(log)) return
    if (isGone) throw new Error(`${reasonIn(log)} (log: ${started.logFile})`)
    if (performance.now() > limitAtMs)
      throw new Error(
        `The node is not ready after ${limitMs / 1000} s: see ${started.logFile}, and whether the other nodes run.`,
      )
    await pause(pollMs)
  }
}

/** Resolves true when the process is gone, false after the limit. */
export async function waitForEnd(identity: ProcessIdentity, limitMs: number): Promise<boolean> {
  const limitAtMs = performance.now() + limitMs
  while (stateOf(identity) !== 'gone') {
    if (performance.now() > limitAtMs) return false
    await pause(pollMs)
  }
  return true
}

/** The sentence with which a node gave up, else its last line. */
function reasonIn(log: string): string {
  const lines = log.trimEnd().split('\n')
  const sentence = lines.findLast((line) => line.startsWith('sluice: '))
  return sentence?.slice('sluice: '.length) ?? `The node ended at once: ${lines.at(-1) ?? ''}`
}

function readFrom(path: string, start: number): string {
  const length = statSync(path).size - start
  if (length <= 0) return ''
  const bytes = Buffer.alloc(length)
  const file = openSync(path, 'r')
  try {
    return bytes.toString('utf8', 0, readSync(file, bytes, 0, length, start))
  } finally {
    closeSync(file)
  }
}
