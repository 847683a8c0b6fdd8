/**
 * The directory of a local cluster belongs to its user: a cluster moves only into an empty one, and
 * takes away only what it made. A mistyped --dir costs nobody a file.
 */
import { readdir, rm, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { LocalClusterError } from './local-cluster-error.ts'
import { stateFileName } from './state-file.ts'

const nodeDirName = /^node-[1-9]\d*$/

/** Path of what a node keeps. */
export function nodeDirOf(dir: string, id: number): string {
  return join(dir, `node-${id}`)
}

/** Refuses a directory with anything in it but a cluster. */
export async function requireClusterOrEmpty(dir: string): Promise<void> {
  const names = await namesIn(dir)
  if (names.length === 0 || names.includes(stateFileName)) return
  throw new LocalClusterError(
    'USAGE',
    `The directory ${dir} holds something else than a cluster: choose an empty one with --dir.`,
  )
}

/** Removes the cluster of a directory, and the directory when that leaves it empty. */
export async function removeCluster(dir: string): Promise<void> {
  const names = await namesIn(dir)
  if (!names.includes(stateFileName)) return
  const nodes = names.filter((name) => nodeDirName.test(name))
  await removeNodes(
    dir,
    nodes.map((name) => join(dir, name)),
  )
  await rm(join(dir, `${stateFileName}.new`), { force: true })
  await rm(join(dir, stateFileName), { force: true }) // last: until then it is a cluster's directory
  await removeIfEmpty(dir)
}

/** Removes what nodes keep, and the directory of the cluster when that leaves it empty. */
export async function removeNodes(dir: string, nodeDirs: readonly string[]): Promise<void> {
  await Promise.all(nodeDirs.map(async (path) => rm(path, { recursive: true, force: true })))
  await removeIfEmpty(dir)
}

/** Not when it holds other files, is a mount point or a link: then it stays. */
async function removeIfEmpty(dir: string): Promise<void> {
  await rmdir(dir).catch(() => undefined)
}

async function namesIn(dir: string): Promise<readonly string[]> {
  try {
    return await readdir(dir)
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
    if (code === 'ENOENT') return []
    if (code !== 'ENOTDIR') throw cause
    throw new LocalClusterError('USAGE', `${dir} is not a directory: choose another --dir.`)
  }
}
