/** What the core starts from: this node's place in the quorum, its saved election state, its log. */
import { type ClusterId, type DirectoryId, type NodeId } from '../../base/id.ts'
import { seededRandom } from '../../base/random.ts'
import { type Endpoint } from '../../core/api/endpoint.ts'
import { type Settings } from '../../core/config/settings.ts'
import { type RaftStart } from '../../core/raft/quorum-state.ts'
import { type Entropy } from '../ports/entropy.ts'
import { type ElectionStore } from '../storage/election-store.ts'
import { type PartitionLog } from '../storage/partition-log.ts'
import { readVoterSets } from './fetched-run.ts'

/** One node's part in the quorum, and where it keeps it. */
export interface QuorumMember {
  readonly ports: { readonly entropy: Entropy }
  readonly identity: {
    readonly clusterId: ClusterId
    readonly nodeId: NodeId
    readonly directoryId: DirectoryId
  }
  readonly log: PartitionLog
  readonly election: ElectionStore
  readonly settings: Settings
  /** Where this node's controller listener is reached; absent without the role controller. */
  readonly controllerListener: Endpoint | undefined
}

const retryMs = 50
const fetchBytesMax = 1024 * 1024

/** Reads log and election state, at the start of the process and of each later life. */
export async function readStart(options: QuorumMember): Promise<RaftStart> {
  const { identity, log, election, settings, controllerListener, ports } = options
  const { clusterId, nodeId, directoryId } = identity
  const saved = election.load()
  const mark = log.markedEnd()
  const voterSets = await readVoterSets(log)
  return {
    clusterId,
    local: { nodeId, directoryId },
    ...(controllerListener && { localEndpoint: controllerListener }),
    ...(saved && { saved }),
    log: {
      endOffset: log.endOffset(),
      epochs: log.epochs().entries(),
      voterSets,
      ...(mark && { mark }),
    },
    times: {
      fetchTimeoutMs: settings['controller.quorum.fetch.timeout.ms'],
      electionTimeoutMs: settings['controller.quorum.election.timeout.ms'],
      fetchWaitMsMax: settings['controller.quorum.fetch.max.wait.ms'],
      retryMs,
      fetchBytesMax,
    },
    random: seededRandom(ports.entropy.uuid()),
  }
}
