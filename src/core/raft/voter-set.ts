/**
 * The voters of the quorum: node id plus directory id, with addresses (KIP-853). They come from the
 * log's control records, take effect when appended, and go back when the log is truncated.
 */
import { type NodeId, type Offset } from '../../base/id.ts'
import { type Endpoint } from '../api/endpoint.ts'
import { type ReplicaKey } from '../api/quorum.ts'
import { type VoterAddress } from '../record/control-record.ts'

/** True when both name the same node and directory. */
export function isSameReplica(left: ReplicaKey, right: ReplicaKey): boolean {
  return left.nodeId === right.nodeId && left.directoryId === right.directoryId
}

/** A fixed set of voters. */
export class VoterSet {
  /** In order of their node ids. */
  readonly voters: readonly VoterAddress[]

  constructor(voters: readonly VoterAddress[]) {
    this.voters = [...voters].sort((left, right) => left.nodeId - right.nodeId)
  }

  /** How many voters are more than half of them; 1 for an empty set, so that nobody wins it. */
  majorityCount(): number {
    return Math.floor(this.voters.length / 2) + 1
  }

  /** Whether this node and directory is a voter. */
  has(replica: ReplicaKey): boolean {
    return this.voters.some((voter) => isSameReplica(voter, replica))
  }

  /** The voters besides this one. */
  others(replica: ReplicaKey): readonly VoterAddress[] {
    return this.voters.filter((voter) => !isSameReplica(voter, replica))
  }

  /** Where the voter of this node id is reached. */
  endpointOf(nodeId: NodeId): Endpoint | undefined {
    return this.voters.find((voter) => voter.nodeId === nodeId)?.endpoints[0]
  }
}

/** The set that is in force from an offset of the log on. */
export interface VoterSetEntry {
  readonly offset: Offset
  readonly voters: VoterSet
}

/** Every voter set that the log names. */
export class VoterHistory {
  #entries: readonly VoterSetEntry[]

  constructor(entries: readonly VoterSetEntry[]) {
    this.#entries = entries
  }

  /** The set in force: the last one in the log, committed or not. Empty before the first. */
  latest(): VoterSet {
    return this.#entries.at(-1)?.voters ?? noVoters
  }

  /** Sets named by appended control records. */
  append(entries: readonly VoterSetEntry[]): void {
    this.#entries = [...this.#entries, ...entries]
  }

  /** The log now ends at `endOffset`: sets named there or later are gone. */
  truncateTo(endOffset: Offset): void {
    this.#entries = this.#entries.filter((entry) => entry.offset < endOffset)
  }
}

const noVoters = new VoterSet([])
