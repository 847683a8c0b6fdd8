/** Where a node's directories are, and how a fault of one becomes a sentence for its operator. */
import { type ClusterId, type NodeId } from '../../base/id.ts'
import { type Settings } from '../../core/config/settings.ts'
import { StorageFault } from '../ports/fault.ts'
import { type Ports } from '../ports/ports.ts'
import { readMarker } from '../storage/marker.ts'
import { StartFailure, type StartFailureCode } from './start-failure.ts'

/** Paths of a node's directories. */
export interface NodePaths {
  readonly metadata: string
  readonly data: string
}

/** Who a node is. */
export interface NodeIdentity {
  readonly clusterId: ClusterId
  readonly nodeId: NodeId
}

/** The paths that the settings name. */
export function pathsOf(settings: Settings): NodePaths {
  const [data, ...more] = settings['log.dirs']
  if (data === undefined || more.length > 0) {
    throw new StartFailure('INVALID_CONFIG', 'log.dirs names one directory in this version.')
  }
  const given = settings['metadata.log.dir']
  return { data, metadata: given === '' ? beside(data) : given }
}

/** Checks that a directory is formatted for this node and tells its cluster; throws `StartFailure`. */
export async function checkDirectory(
  files: Ports['files'],
  path: string,
  expected: Partial<NodeIdentity>,
): Promise<ClusterId> {
  const marker = await faultsAsFailures(path, async () => readMarker(files, path))
  if (expected.clusterId !== undefined && marker.clusterId !== expected.clusterId) {
    const message = `${path} belongs to cluster ${marker.clusterId}, not to ${expected.clusterId}.`
    throw new StartFailure('WRONG_CLUSTER_ID', message)
  }
  if (expected.nodeId !== undefined && marker.nodeId !== expected.nodeId) {
    const message = `${path} belongs to node ${marker.nodeId}, not to node ${expected.nodeId}.`
    throw new StartFailure('FOREIGN_DIRECTORY', message)
  }
  return marker.clusterId
}

/** Runs work on a directory; its fault becomes a `StartFailure`. */
export async function faultsAsFailures<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    if (!(cause instanceof StorageFault)) throw cause
    const code = failureCodes[cause.code]
    throw new StartFailure(code, sentence(code, path, cause), { cause })
  }
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
  if (code === 'NOT_FORMATTED') return `${path} is not formatted: run sluice format first.`
  if (code === 'DIRECTORY_IN_USE') return `${path} is in use by another process.`
  if (code === 'ALREADY_FORMATTED') return `${path} is formatted already; nothing was changed.`
  return cause.message.includes(path) ? cause.message : `${path}: ${cause.message}`
}

function beside(data: string): string {
  const slash = data.lastIndexOf('/')
  return slash < 0 ? 'metadata' : `${data.slice(0, slash)}/metadata`
}
