/**
 * What `sluice cluster` remembers between two commands: the nodes of a directory, their ports and
 * processes. Replaced atomically, so that a reader never sees half of it.
 */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type NodePorts } from './plan.ts'
import { type ProcessIdentity } from './process-identity.ts'

/** The file that makes a directory a cluster's. */
export const stateFileName = 'cluster.json'

/** One node of a local cluster. */
export interface LocalNode {
  readonly id: number
  readonly roles: readonly ('broker' | 'controller')[]
  readonly ports: NodePorts
  /** Holds its configuration, log and data. */
  readonly dir: string
  /** The latest process; absent before the first start and after a stop. */
  readonly process?: ProcessIdentity
}

/** A local cluster. */
export interface LocalClusterState {
  readonly clusterId: string
  readonly nodes: readonly LocalNode[]
}

/** What the directory holds; absent when there is no cluster in it. */
export async function readState(dir: string): Promise<LocalClusterState | undefined> {
  try {
    // Written by `writeState` alone.
    return JSON.parse(await readFile(pathOf(dir), 'utf8')) as LocalClusterState
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined
    throw cause
  }
}

/** Replaces it. */
export async function writeState(dir: string, state: LocalClusterState): Promise<void> {
  await mkdir(dir, { recursive: true })
  await writeFile(`${pathOf(dir)}.new`, `${JSON.stringify(state, undefined, 2)}\n`)
  await rename(`${pathOf(dir)}.new`, pathOf(dir))
}

function pathOf(dir: string): string {
  return join(dir, stateFileName)
}
