/**
 * Looks at every node after every event, and at every answer that leaves one, and hands what it sees
 * to the rules. Of a dead node it shows what was last seen: its disk still counts.
 */
import { nodeId } from '../../base/id.ts'
import { type VoteRequest, type VoteResponse } from '../../core/api/quorum.ts'
import {
  type RegisterBrokerRequest,
  type RegisterBrokerResponse,
} from '../../core/api/register-broker.ts'
import { type MetadataImage, type TopicImage } from '../../core/metadata/image/image.ts'
import { type NodeParts } from '../../engine/node/node.ts'
import { type Violation } from '../checker/history.ts'
import { QuorumRules, type QuorumView } from '../checker/quorum-rules.ts'
import { ReplicationRules, type ReplicaView } from '../checker/replication-rules.ts'
import { type ClusterNode, type SimCluster } from '../sim-cluster.ts'
import { type ServedRequest } from '../sim-connection.ts'

/** Checks one cluster as it runs. */
export class ClusterWatch {
  readonly #quorum: QuorumRules
  readonly #replication: ReplicationRules
  readonly #quorumViews = new Map<string, QuorumView>()
  readonly #replicaViews = new Map<string, ReplicaView>()
  readonly #halted = new Set<string>()
  readonly #lives = new Map<string, number>()
  readonly #quorumStarts = new Map<string, number>()
  readonly #registered = new Map<string, { readonly life: number; readonly epochAtStart: number }>()
  #image: MetadataImage | undefined

  constructor(violate: (violation: Violation) => void) {
    this.#quorum = new QuorumRules(violate)
    this.#replication = new ReplicationRules(violate, minIsrOf)
  }

  /** The newest committed image that any node has had. */
  image(): MetadataImage | undefined {
    return this.#image
  }

  /** The greatest high watermark that a partition has had. */
  highWatermarkOf(topic: string, partition: number): number {
    const id = this.#image?.topicIds.get(topic)
    return id === undefined ? 0 : this.#replication.highWatermarkOf(id, partition)
  }

  /** After an event: looks at all nodes. */
  look(cluster: SimCluster): void {
    for (const node of cluster.nodes) this.#lookAt(node, cluster.partsOf(node))
    this.#quorum.observe([...this.#quorumViews.values()])
    if (this.#image !== undefined)
      this.#replication.observe(this.#image, [...this.#replicaViews.values()])
  }

  /** An answer leaves a node. */
  answered({ host, api, request, outcome }: ServedRequest): void {
    if (!outcome.ok) return
    const { value } = outcome
    const said = (value as Partial<VoteResponse>).leader?.epoch
    // A node whose store failed answers for nothing any more; it is about to stop.
    if (said !== undefined && !this.#halted.has(host)) {
      const life = this.#lives.get(host) ?? 0
      this.#quorum.epochSaid(host, life, said)
    }
    if (api === 'vote') {
      const asked = request as VoteRequest
      const { isGranted } = value as VoteResponse
      const voter = `${host}/${asked.voter.directoryId}`
      if (isGranted && !asked.isPreVote)
        this.#quorum.voteGranted(voter, asked.epoch, String(asked.candidate.nodeId))
    }
    if (api === 'register-broker') {
      const { brokerId, directories } = request as RegisterBrokerRequest
      const partitions = directories.flatMap(({ uncleanLogs }) => uncleanLogs)
      const { brokerEpoch } = value as RegisterBrokerResponse
      if (partitions.length > 0)
        this.#replication.registeredUnclean({ brokerId, brokerEpoch, partitions })
    }
  }

  #lookAt(node: ClusterNode, parts: NodeParts | undefined): void {
    this.#lives.set(node.host, node.life)
    const before = this.#quorumViews.get(node.host)
    if (parts === undefined) {
      if (before?.isLeader === true)
        this.#quorumViews.set(node.host, { ...before, isLeader: false })
      this.#forgetLeaders(node.planned.id)
      return
    }
    const isHalted = parts.quorum.failure() !== undefined
    if (isHalted) this.#halted.add(node.host)
    else if (this.#halted.delete(node.host))
      this.#quorumStarts.set(node.host, (this.#quorumStarts.get(node.host) ?? 0) + 1)
    if (!isHalted) this.#quorumViews.set(node.host, this.#quorumViewOf(node, parts))
    else if (before?.isLeader === true)
      this.#quorumViews.set(node.host, { ...before, isLeader: false })
    const image = parts.metadata.current()
    if (image.offset > (this.#image?.offset ?? -1)) this.#image = image
    if (!this.#isRegistered(node)) return
    for (const hosted of parts.hosted()) {
      const { topicId, partition } = hosted
      const leader = hosted.state.leader()
      const key = `${topicId}-${partition}@${node.planned.id}`
      this.#replicaViews.set(key, {
        node: node.planned.id,
        topicId,
        partition,
        durableOffset: hosted.log.durableOffset(),
        ...(leader && {
          leader: {
            epoch: leader.registration().leaderEpoch,
            highWatermark: leader.highWatermark(),
            maximalIsr: leader.maximalIsr(),
          },
        }),
      })
    }
  }

  /** A quorum that starts again inside its process, after its disk was full, begins a new life as well. */
  #quorumViewOf(node: ClusterNode, parts: NodeParts): QuorumView {
    const { epoch, isLeader } = parts.quorum.leadership()
    const { metadataLog } = parts
    return {
      node: node.host,
      life: node.life + (this.#quorumStarts.get(node.host) ?? 0) / 1000,
      isVoter: node.planned.roles.includes('controller'),
      epoch,
      isLeader,
      highWatermark: parts.quorum.highWatermark(),
      endOffset: metadataLog.endOffset(),
      durableOffset: metadataLog.durableOffset(),
      epochs: metadataLog.epochs().entries(),
      image: parts.metadata.current(),
    }
  }

  /**
   * Whether the newest image knows this life of a broker. Until it does, what the image says of it is
   * about the life before, and so is its place in ISRs: a broker that comes back with less says so when
   * it registers.
   */
  #isRegistered(node: ClusterNode): boolean {
    const epoch = this.#image?.brokers.get(nodeId(node.planned.id))?.epoch ?? -1
    const before = this.#registered.get(node.host)
    if (before === undefined || before.life !== node.life)
      this.#registered.set(node.host, { life: node.life, epochAtStart: epoch })
    return epoch > (this.#registered.get(node.host)?.epochAtStart ?? epoch)
  }

  #forgetLeaders(node: number): void {
    for (const [key, view] of this.#replicaViews)
      if (view.node === node && view.leader !== undefined) {
        const { topicId, partition, durableOffset } = view
        this.#replicaViews.set(key, { node, topicId, partition, durableOffset })
      }
  }
}

/** What `min.insync.replicas` comes to by default: 2 from three replicas on, else 1. */
function minIsrOf(topic: TopicImage): number {
  return (topic.partitions[0]?.replicas.length ?? 0) >= 3 ? 2 : 1
}
