/**
 * The metadata quorum under watch, after every event and at every message:
 *
 * - R1 one leader per epoch. R2 what a node said of its epoch never goes back, restarts included.
 *   R3 one vote per epoch and voter, restarts included.
 * - R4 a high watermark never goes back in one life, and a leader's never below what was committed
 *   before its epoch. R5 a majority of voters holds everything committed, on disk.
 * - R6 the same epoch starts at the same offset behind the same epoch in every log. R7 a leader has
 *   everything that was committed before. R8 no log is cut below its own high watermark.
 * - R9 a leader's high watermark moves only over records of its own epoch.
 * - R12 equal metadata offsets mean equal images.
 */
import { type EpochEntry } from '../../core/record/epoch-history.ts'
import { type MetadataImage } from '../../core/metadata/image/image.ts'
import { type Violation } from './history.ts'
import { imageText } from './image-text.ts'

/** One node as the rules see it; of a dead node, as it was last. */
export interface QuorumView {
  readonly node: string
  /** Counts the starts of the node. */
  readonly life: number
  readonly isVoter: boolean
  readonly epoch: number
  readonly isLeader: boolean
  readonly highWatermark: number
  readonly endOffset: number
  readonly durableOffset: number
  readonly epochs: readonly EpochEntry[]
  readonly image?: MetadataImage
}

interface Said {
  readonly life: number
  readonly epoch: number
  readonly earlier: number
}

/** Watches one quorum. */
export class QuorumRules {
  readonly #violate: (violation: Violation) => void
  readonly #leaders = new Map<number, string>()
  readonly #votes = new Map<string, string>()
  /** By node: the life that spoke last, the greatest epoch said, and the greatest said before that life. */
  readonly #saidEpochs = new Map<string, Said>()
  readonly #epochStarts = new Map<
    number,
    { readonly startOffset: number; readonly after: number }
  >()
  readonly #images = new Map<number, string>()
  readonly #seen = new Map<string, QuorumView>()
  /** The greatest committed offset, and the epoch of the leader that committed it. */
  #committed = { offset: 0, epoch: 0 }

  constructor(violate: (violation: Violation) => void) {
    this.#violate = violate
  }

  /** Everything below it was committed at some time. */
  committedOffset(): number {
    return this.#committed.offset
  }

  /**
   * A node said in a message which epoch it is in. Messages of one life may leave in another order than
   * they were written; a later life must know what an earlier one said.
   */
  epochSaid(node: string, life: number, epoch: number): void {
    const before = this.#saidEpochs.get(node) ?? { life, epoch: 0, earlier: 0 }
    const earlier = before.life === life ? before.earlier : before.epoch
    if (epoch < earlier) this.#broken('R2', `${node} says epoch ${epoch} after ${earlier}`)
    this.#saidEpochs.set(node, { life, epoch: Math.max(epoch, before.epoch), earlier })
  }

  /** A voter gave its vote, not a pre-vote. */
  voteGranted(voter: string, epoch: number, candidate: string): void {
    const key = `${voter} in epoch ${epoch}`
    const before = this.#votes.get(key)
    if (before === undefined) this.#votes.set(key, candidate)
    else if (before !== candidate)
      this.#broken('R3', `${key} voted for ${before} and for ${candidate}`)
  }

  /** Looks at every node, dead voters included. */
  observe(views: readonly QuorumView[]): void {
    let hasNews = false
    for (const view of views) {
      const before = this.#seen.get(view.node)
      if (before !== undefined && isSame(before, view)) continue
      hasNews = true
      this.#checkNode(view, before?.life === view.life ? before : undefined)
      this.#seen.set(view.node, view)
    }
    if (hasNews) this.#checkMajority(views)
  }

  #checkNode(view: QuorumView, before: QuorumView | undefined): void {
    const { node, epoch } = view
    const said = this.#saidEpochs.get(node)?.epoch ?? 0
    if (epoch < Math.max(said, before?.epoch ?? 0))
      this.#broken('R2', `${node} is in epoch ${epoch} after ${said}`)
    if (before !== undefined && view.highWatermark < before.highWatermark)
      this.#broken('R4', `${node} went from ${before.highWatermark} to ${view.highWatermark}`)
    const isCut = before !== undefined && view.endOffset < before.endOffset
    if (isCut && view.endOffset < view.highWatermark)
      this.#broken('R8', `${node} is cut to ${view.endOffset} below ${view.highWatermark}`)
    this.#checkEpochs(view)
    if (view.isLeader) this.#checkLeader(view, before)
    if (view.highWatermark > this.#committed.offset)
      this.#committed = { offset: view.highWatermark, epoch }
    if (view.image !== undefined && view.image !== before?.image) this.#checkImage(node, view.image)
  }

  #checkEpochs(view: QuorumView): void {
    let after = -1
    for (const { epoch, startOffset } of view.epochs) {
      const known = this.#epochStarts.get(epoch)
      if (known === undefined) this.#epochStarts.set(epoch, { startOffset, after })
      else if (known.startOffset !== startOffset || known.after !== after)
        this.#broken(
          'R6',
          `${view.node} has epoch ${epoch} from ${startOffset} after ${after}, others from ${known.startOffset} after ${known.after}`,
        )
      after = epoch
    }
  }

  #checkLeader(view: QuorumView, before: QuorumView | undefined): void {
    const { node, epoch, highWatermark } = view
    const known = this.#leaders.get(epoch)
    if (known === undefined) this.#leaders.set(epoch, node)
    else if (known !== node) this.#broken('R1', `${known} and ${node} lead epoch ${epoch}`)
    const isNewest = Math.max(...this.#leaders.keys()) === epoch
    if (isNewest && view.endOffset < this.#committed.offset && this.#committed.epoch <= epoch)
      this.#broken(
        'R7',
        `${node} leads epoch ${epoch} up to ${view.endOffset}, committed is ${this.#committed.offset}`,
      )
    const hasMoved =
      before?.isLeader === true && before.epoch === epoch && highWatermark > before.highWatermark
    if (!hasMoved) return
    const lastEpoch = view.epochs.findLast((entry) => entry.startOffset < highWatermark)?.epoch
    if (lastEpoch !== epoch)
      this.#broken(
        'R9',
        `${node} of epoch ${epoch} commits up to a record of epoch ${lastEpoch ?? -1}`,
      )
    if (this.#committed.epoch < epoch && highWatermark < this.#committed.offset)
      this.#broken('R4', `${node} commits ${highWatermark} below ${this.#committed.offset}`)
  }

  #checkMajority(views: readonly QuorumView[]): void {
    const voters = views.filter(({ isVoter }) => isVoter)
    const holders = voters.filter(({ durableOffset }) => durableOffset >= this.#committed.offset)
    if (voters.length > 0 && holders.length * 2 <= voters.length)
      this.#broken(
        'R5',
        `${this.#committed.offset} is committed, durable ends are ${voters.map((view) => `${view.node}:${view.durableOffset}`).join(' ')}`,
      )
  }

  #checkImage(node: string, image: MetadataImage): void {
    const text = imageText(image)
    const known = this.#images.get(image.offset)
    if (known === undefined) this.#images.set(image.offset, text)
    else if (known !== text)
      this.#broken('R12', `${node} at ${image.offset} has ${text}, others ${known}`)
  }

  #broken(rule: string, message: string): void {
    this.#violate({ rule, message })
  }
}

function isSame(left: QuorumView, right: QuorumView): boolean {
  return (
    left.life === right.life &&
    left.epoch === right.epoch &&
    left.isLeader === right.isLeader &&
    left.highWatermark === right.highWatermark &&
    left.endOffset === right.endOffset &&
    left.durableOffset === right.durableOffset &&
    left.image === right.image
  )
}
