/**
 * Which partitions follow whom, as streams: two for each leader, one for replicas that keep up and
 * one for those that are catching up, so that big answers to the latter never delay the former.
 */
import { type NodeId } from '../../base/id.ts'
import { type HostedPartition } from './hosted-partition.ts'
import { ReplicaStream, type ReplicaStreamParts } from './replica-stream.ts'

interface Link {
  readonly hot: ReplicaStream
  readonly catchingUp: ReplicaStream
}

/** The follower side of replication. */
export class ReplicaLinks {
  readonly #parts: ReplicaStreamParts
  readonly #links = new Map<NodeId, Link>()

  constructor(parts: ReplicaStreamParts) {
    this.#parts = parts
  }

  /** A partition's role may have changed: fetches it from whom it follows now, or not at all. */
  assign(hosted: HostedPartition): void {
    const following = hosted.state.following()
    for (const [leaderId, link] of this.#links) {
      if (leaderId !== following?.leaderId) leave(link, hosted)
    }
    if (following === undefined || hosted.isDropped()) return
    const link = this.#linkTo(following.leaderId)
    if (link.catchingUp.has(hosted)) link.catchingUp.add(hosted)
    else link.hot.add(hosted)
  }

  /** Its log moved outside a stream's turn, or it can be fetched again: its leader hears of it at once. */
  refresh(hosted: HostedPartition): void {
    this.assign(hosted)
    for (const link of this.#links.values()) {
      link.hot.refresh(hosted)
      link.catchingUp.refresh(hosted)
    }
  }

  /** The partition left this broker. */
  remove(hosted: HostedPartition): void {
    for (const link of this.#links.values()) leave(link, hosted)
  }

  /** A broker registered anew or moved. */
  leaderMoved(id: NodeId): void {
    const link = this.#links.get(id)
    link?.hot.leaderMoved()
    link?.catchingUp.leaderMoved()
  }

  #linkTo(leaderId: NodeId): Link {
    const known = this.#links.get(leaderId)
    if (known !== undefined) return known
    const link: Link = {
      hot: new ReplicaStream(this.#parts, { leaderId, kind: 'hot' }, (hosted) => {
        link.hot.remove(hosted)
        link.catchingUp.add(hosted)
      }),
      catchingUp: new ReplicaStream(this.#parts, { leaderId, kind: 'catching-up' }, (hosted) => {
        link.catchingUp.remove(hosted)
        link.hot.add(hosted)
      }),
    }
    this.#links.set(leaderId, link)
    this.#parts.background.spawn('replica-stream', async (signal) => link.hot.run(signal))
    this.#parts.background.spawn('catch-up-stream', async (signal) => link.catchingUp.run(signal))
    return link
  }
}

function leave(link: Link, hosted: HostedPartition): void {
  link.hot.remove(hosted)
  link.catchingUp.remove(hosted)
}
