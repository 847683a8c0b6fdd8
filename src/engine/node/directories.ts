/** Where a node's directories are, and how a fault of one becomes a sentence for its operator. */
import { type ClusterId, type NodeId } from '../../base/id.ts'
import { type Settings } from '../../core/config/settings.ts'
import { StorageFault } from '../ports/fault.ts'
import { type Ports } from '../ports/ports.ts'
import { markerName, readMarker, type Marker } from '../storage/marker.ts'
import { StartFailure, type StartFailureCode } from './start-failure.ts'

/** Paths of a node's directories. */
export interface NodePaths {
  readonly metadata: string
  /** One at least. */
  readonly data: readonly string[]
}

/** Who a node is. */
export interface NodeIdentity {
  readonly clusterId: ClusterId
  readonly nodeId: NodeId
}

/** The paths that the settings name. */
export function pathsOf(settings: Settings): NodePaths {
  const data = settings['log.dirs'].map(withoutEndSlash)
  const [first] = data
  if (first === undefined) {
    throw new StartFailure('INVALID_CONFIG', 'log.dirs names no directory.')
  }
  const given = settings['metadata.log.dir']
  const metadata = given === '' ? beside(first) : withoutEndSlash(given)
  const twice = [...data, metadata].find((path, index, all) => all.indexOf(path) < index)
  if (twice !== undefined) {
    const message = `${twice} is named twice: log.dirs and metadata.log.dir are directories of their own.`
    throw new StartFailure('INVALID_CONFIG', message)
  }
  return { data, metadata }
}

function withoutEndSlash(path: string): string {
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path
}

/** Checks that a directory is formatted for this node and tells what its marker says; throws `StartFailure`. */
export async function checkDirectory(
  files: Ports['files'],
  path: string,
  expected: Partial<NodeIdentity>,
): Promise<Marker> {
  const marker = await faultsAsFailures(path, async () => readMarker(files, path))
  if (expected.clusterId !== undefined && marker.clusterId !== expected.clusterId) {
    const message = `${path} belongs to cluster ${marker.clusterId}, not to ${expected.clusterId}.`
    throw new StartFailure('WRONG_CLUSTER_ID', message)
  }
  if (expected.nodeId !== undefined && marker.nodeId !== expected.nodeId) {
    const message = `${path} belongs to node ${marker.nodeId}, not to node ${expected.nodeId}.`
    throw new StartFailure('FOREIGN_DIRECTORY', message)
  }
  return marker
}

/** The cluster that a directory is formatted for; undefined when it is not formatted. */
export async function clusterAt(
  files: Ports['files'],
  path: string,
): Promise<ClusterId | undefined> {
  if (!(await files.exists(`${path}/${markerName}`))) return undefined
  return (await checkDirectory(files, path, {})).clusterId
}

/** As `checkDirectory`, for those of the records: one whose disk fails is left to whoever opens it. */
export async function checkDataDirectories(
  files: Ports['files'],
  paths: readonly string[],
  expected: NodeIdentity,
): Promise<void> {
  for (const path of paths) {
    try {
      await checkDirectory(files, path, expected)
    } catch (cause) {
      if (!(cause instanceof StartFailure) || cause.code !== 'STORAGE_FAILED') throw cause
    }
  }
}

/** Runs work on a directory; its fault becomes a `StartFailure`. */
export async function faultsAsFailures<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    if (!(cause instanceof StorageFault)) throw cause
    throw startFailureOf(path, cause)
  }
}

/** Why a node cannot start with the directory at `path`. */
export function startFailureOf(path: string, cause: StorageFault): StartFailure {
  const code = failureCodes[cause.code]
  return new StartFailure(code, sentence(code, path, cause), { cause })
}

const failureCodes: Readonly<Record<StorageFault['code'], StartFailureCode>> = {
  'not-found': 'NOT_FORMATTED',
  exists: 'ALREADY_FORMATTED',
  denied: 'FOREIGN_DIRECTORY',
  locked: 'DIRECTORY_IN_USE',
  'no-space': 'STORAGE_FAILED',
  io: 'STORAGE_FAILED',
  corrupt: 'STORAGE_FAILED',
  'too-large': 'STORAGE_FAILED',
  poisoned: 'STORAGE_FAILED',
  closed: 'STORAGE_FAILED',
}

function sentence(code: StartFailureCode, path: string, cause: StorageFault): string {
  if (code === 'NOT_FORMATTED')
    return `${path} is not formatted: run sluice format first, with --ignore-formatted when it is a new one beside others.`
  if (code === 'DIRECTORY_IN_USE') return `${path} is in use by another process.`
  if (code === 'ALREADY_FORMATTED') return `${path} is formatted already; nothing was changed.`
  return cause.message.includes(path) ? cause.message : `${path}: ${cause.message}`
}

function beside(data: string): string {
  const slash = data.lastIndexOf('/')
  return slash < 0 ? 'metadata' : `${data.slice(0, slash)}/metadata`
}
