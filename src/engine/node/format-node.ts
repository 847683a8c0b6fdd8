/**
 * Prepares the directories of a new node: the data directory of a broker, the metadata directory of
 * every node, and in the latter, for a controller, the first control records of the metadata log,
 * which name the initial voters. Run once in a node's life, before it starts.
 */
import { type ClusterId, type DirectoryId, type NodeId } from '../../base/id.ts'
import { uuidFromBytes, uuidToBytes } from '../../base/uuid.ts'
import { type Endpoint } from '../../core/api/endpoint.ts'
import { type Settings } from '../../core/config/settings.ts'
import { metadataPartition, metadataTopicId } from '../../core/raft/metadata-topic.ts'
import { type Ports } from '../ports/ports.ts'
import { formatMetadataLog } from '../quorum/format-metadata-log.ts'
import { LogDirectory } from '../storage/log-directory.ts'
import { plainPolicy } from '../storage/partition-log.ts'
import { metadataStorageSettings } from '../storage/storage-settings.ts'
import { markerName } from '../storage/marker.ts'
import { checkDirectory, faultsAsFailures, pathsOf } from './directories.ts'
import { rolesOf } from './listener-plan.ts'
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
  /** Leaves directories that are formatted for this node alone, for a new one beside them; default: refuses. */
  readonly ignoreFormatted?: boolean
}

/** One of them. */
export interface FormattedDirectory {
  readonly path: string
  readonly directoryId: DirectoryId
}

/** The directories of a formatted node. */
export interface FormattedNode {
  readonly metadata: FormattedDirectory
  /** None without the role broker. */
  readonly data: readonly FormattedDirectory[]
}

/** Formats the directories; throws `StartFailure` and leaves what was there alone. */
export async function formatNode(options: FormatNode): Promise<FormattedNode> {
  const { ports, settings, clusterId, nodeId, initialControllers } = options
  const roles = rolesOf(settings)
  const paths = pathsOf(settings)
  const self = initialControllers.find((controller) => controller.nodeId === nodeId)
  const isController = roles.includes('controller')
  const data = roles.includes('broker') ? paths.data : []
  const kept = await keptDirectories(options, [paths.metadata, ...data])
  if (isController && self === undefined && !kept.has(paths.metadata)) {
    const message = `Node ${nodeId} has the role controller but is not an initial controller.`
    throw new StartFailure('INVALID_CONFIG', message)
  }
  const inexact = initialControllers.find(({ directoryId }) => !isExact(directoryId))
  if (inexact !== undefined) {
    const message = `${inexact.directoryId} is not an id: its last character is A, Q, g or w.`
    throw new StartFailure('INVALID_CONFIG', message)
  }
  const { files, stores, entropy } = ports
  const format = async (path: string, as?: DirectoryId): Promise<FormattedDirectory> => {
    const before = kept.get(path)
    if (before !== undefined) return { path, directoryId: before }
    const directoryId = await faultsAsFailures(path, async () =>
      LogDirectory.format({
        ...{ files, stores, entropy, path, clusterId, nodeId },
        ...(as !== undefined && { directoryId: as }),
      }),
    )
    return { path, directoryId }
  }
  const metadata = await format(paths.metadata, isController ? self?.directoryId : undefined)
  if (isController && !kept.has(paths.metadata)) await writeVoters(options, paths.metadata)
  const formatted: FormattedDirectory[] = []
  for (const path of data) formatted.push(await format(path))
  return { metadata, data: formatted }
}

/** Looks at all before anything is written: those that stay as they are, by path; throws for one that is in the way. */
async function keptDirectories(
  options: FormatNode,
  paths: readonly string[],
): Promise<ReadonlyMap<string, DirectoryId>> {
  const { files } = options.ports
  const { clusterId, nodeId } = options
  const kept = new Map<string, DirectoryId>()
  for (const path of paths) {
    if (options.ignoreFormatted === true && (await files.exists(`${path}/${markerName}`))) {
      const { directoryId } = await checkDirectory(files, path, { clusterId, nodeId })
      kept.set(path, directoryId)
    } else await faultsAsFailures(path, async () => LogDirectory.assertEmpty(files, path))
  }
  return kept
}

/** The log keeps ids as 16 bytes: of 22 characters the last has two bits of meaning, the others must be zero. */
function isExact(id: string): boolean {
  return uuidFromBytes(uuidToBytes(id)) === id
}

async function writeVoters(options: FormatNode, path: string): Promise<void> {
  const { ports, settings, clusterId, nodeId, initialControllers } = options
  await faultsAsFailures(path, async () => {
    const directory = await LogDirectory.open({
      ...{ ports, path, clusterId, nodeId },
      settings: metadataStorageSettings(settings),
      markEachGroup: true,
    })
    const log = await directory.createLog({
      topicId: metadataTopicId,
      partition: metadataPartition,
      policy: plainPolicy('ack', settings['log.segment.bytes']),
    })
    const voters = initialControllers.map(({ endpoint, ...key }) => ({
      ...key,
      endpoints: [endpoint],
    }))
    await formatMetadataLog(log, voters)
    await directory.close()
  })
}
