/**
 * Prepares the directories of a new node: the data directory of a broker, the metadata directory of
 * every node, and in the latter, for a controller, the first control records of the metadata log,
 * which name the initial voters. Run once in a node's life, before it starts.
 */
import { type ClusterId, type DirectoryId, type NodeId } from '../../base/id.ts'
import { type Endpoint } from '../../core/api/endpoint.ts'
import { type Settings } from '../../core/config/settings.ts'
import { type Ports } from '../ports/ports.ts'
import { StartFailure } from './start-failure.ts'

/** One voter of the first quorum. */
export interface InitialController {
  readonly nodeId: NodeId
  /** Of its metadata directory: that node's `formatNode` gives it this id. */
  readonly directoryId: DirectoryId
  readonly endpoint: Endpoint
}

/** What to format. */
export interface FormatNode {
  readonly ports: Pick<Ports, 'clock' | 'entropy' | 'files' | 'stores' | 'telemetry'>
  readonly settings: Settings
  readonly clusterId: ClusterId
  readonly nodeId: NodeId
  /** The same list on every controller; needed where the role controller is, ignored elsewhere. */
  readonly initialControllers: readonly InitialController[]
}

/** The directories of a formatted node. */
export interface FormattedNode {
  readonly metadata: { readonly path: string; readonly directoryId: DirectoryId }
  /** Absent without the role broker. */
  readonly data?: { readonly path: string; readonly directoryId: DirectoryId }
}

/** Formats the directories; throws `StartFailure` and leaves what was there alone. */
export async function formatNode(options: FormatNode): Promise<FormattedNode> {
  await Promise.resolve()
  throw new StartFailure('INVALID_CONFIG', `node ${options.nodeId} cannot be formatted yet`)
}
