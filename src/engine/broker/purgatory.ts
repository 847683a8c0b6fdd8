/**
 * Produces and fetches that wait for something to happen in a partition. Whoever moves a partition
 * (an append, a follower's fetch, an image) calls `moved` in the same turn, and what can be answered
 * is answered there; timers only end what waited too long. Bounded by count.
 *
 * Invariants: appends of a partition are answered in the order of their offsets; a waiter is
 * settled exactly once and leaves nothing behind.
 */
import { type TimerWheel } from '../runtime/timer-wheel.ts'
import {
  appendVerdict,
  holdsAppend,
  type AppendVerdict,
  type ParkedAppend,
} from '../../core/replica/delayed.ts'
import { type Clock } from '../ports/clock.ts'
import { type HostedPartition } from './hosted-partition.ts'

/** How a parked append ended. `lost`: this broker cannot know what becomes of it. */
export type AppendEnd = 'done' | 'lost' | 'late'

/** An append that waits. */
export interface WaitingAppend extends ParkedAppend {
  /** `committed`: for the high watermark; `durable`: for the leader's own disk. */
  readonly until: 'committed' | 'durable'
  readonly deadlineAtMs: number
  readonly settle: (end: AppendEnd) => void
}

/** A fetch, or anything else that looks at some partitions again whenever one of them moved. */
export interface WaitingLook {
  readonly partitions: readonly HostedPartition[]
  readonly deadlineAtMs: number
  readonly signal?: AbortSignal
  /** Looks at the partition that moved; true when the wait is over. */
  readonly look: (hosted: HostedPartition) => boolean
  /** The deadline passed, or nobody waits any more. */
  readonly late: () => void
}

interface ParkedEntry {
  readonly waiting: WaitingAppend
  isSettled: boolean
  readonly end: (end: AppendEnd) => void
  /** This broker leads no more: waits only a little longer for what the next leader says. */
  readonly hurry: () => void
}

type Look = (hosted: HostedPartition) => void

interface Place {
  readonly committed: ParkedEntry[]
  readonly durable: ParkedEntry[]
  readonly looks: Set<Look>
}

/** How long a follower that led waits to learn what became of its last appends. */
const unsureMsMax = 1000

/** The waiting room of one broker. */
export class Purgatory {
  readonly #clock: Clock
  readonly #wheel: TimerWheel
  readonly #countMax: number
  readonly #places = new Map<string, Place>()
  #count = 0

  constructor(options: {
    readonly clock: Clock
    readonly wheel: TimerWheel
    readonly countMax: number
  }) {
    this.#clock = options.clock
    this.#wheel = options.wheel
    this.#countMax = options.countMax
  }

  /** False when no more may wait: new work must be refused before it starts. */
  hasRoom(): boolean {
    return this.#count < this.#countMax
  }

  /** Waits for an append; settles at once when there is nothing to wait for. */
  parkAppend(hosted: HostedPartition, waiting: WaitingAppend): void {
    const end = verdictOf(hosted, waiting)
    if (end === 'done' || end === 'lost') {
      waiting.settle(end)
      return
    }
    this.#count += 1
    let timer = this.#wheel.at(waiting.deadlineAtMs, () => {
      entry.end('late')
    })
    let isHurried = false
    const entry: ParkedEntry = {
      waiting,
      isSettled: false,
      end: (how) => {
        if (entry.isSettled) return
        entry.isSettled = true
        timer.cancel()
        this.#count -= 1
        waiting.settle(how)
      },
      hurry: () => {
        if (isHurried) return
        isHurried = true
        timer.cancel()
        const untilMs = Math.min(waiting.deadlineAtMs, this.#clock.nowMs() + unsureMsMax)
        timer = this.#wheel.at(untilMs, () => {
          entry.end('lost')
        })
      },
    }
    insertByEnd(this.#placeOf(hosted.key)[waiting.until], entry)
    if (end === 'unsure') entry.hurry()
  }

  /** Waits until `look` says it is over; the caller has looked once already. */
  parkLook(waiting: WaitingLook): void {
    if (waiting.signal?.aborted === true) {
      waiting.late()
      return
    }
    this.#count += 1
    const keys = [...new Set(waiting.partitions.map((hosted) => hosted.key))]
    const leave = (): void => {
      this.#count -= 1
      timer.cancel()
      waiting.signal?.removeEventListener('abort', giveUp)
      for (const key of keys) this.#leavePlace(key, lookAgain)
    }
    const lookAgain: Look = (hosted) => {
      if (waiting.look(hosted)) leave()
    }
    const giveUp = (): void => {
      leave()
      waiting.late()
    }
    const timer = this.#wheel.at(waiting.deadlineAtMs, giveUp)
    waiting.signal?.addEventListener('abort', giveUp, { once: true })
    for (const key of keys) this.#placeOf(key).looks.add(lookAgain)
  }

  /** Something moved in a partition: answers whatever can be answered. */
  moved(hosted: HostedPartition): void {
    const place = this.#places.get(hosted.key)
    if (place === undefined) return
    settleFront(hosted, place.durable)
    settleFront(hosted, place.committed)
    for (const look of [...place.looks]) look(hosted)
    this.#forgetIfEmpty(hosted.key, place)
  }

  /** A write of this log failed: nobody can say what became of its appends. */
  failed(hosted: HostedPartition): void {
    const place = this.#places.get(hosted.key)
    for (const entry of [...(place?.durable ?? []), ...(place?.committed ?? [])]) entry.end('lost')
  }

  #placeOf(key: string): Place {
    let place = this.#places.get(key)
    if (place === undefined) {
      place = { committed: [], durable: [], looks: new Set() }
      this.#places.set(key, place)
    }
    return place
  }

  #leavePlace(key: string, look: Look): void {
    const place = this.#places.get(key)
    if (place === undefined) return
    place.looks.delete(look)
    this.#forgetIfEmpty(key, place)
  }

  #forgetIfEmpty(key: string, place: Place): void {
    const isEmpty = place.committed.length + place.durable.length + place.looks.size === 0
    if (isEmpty && this.#places.get(key) === place) this.#places.delete(key)
  }
}

/** A producer's retry waits for records that are older than the newest. */
function insertByEnd(entries: ParkedEntry[], entry: ParkedEntry): void {
  const { endOffset } = entry.waiting
  const before = entries.findLastIndex(({ waiting }) => waiting.endOffset <= endOffset)
  entries.splice(before + 1, 0, entry)
}

/** Appends wait in the order of their offsets, so the first that must wait ends the walk. */
function settleFront(hosted: HostedPartition, entries: ParkedEntry[]): void {
  let settledCount = 0
  let isUnsure = false
  for (const entry of entries) {
    if (!entry.isSettled) {
      const verdict = verdictOf(hosted, entry.waiting)
      if (verdict === 'wait') break
      if (verdict === 'unsure') {
        isUnsure = true
        entry.hurry()
        continue
      }
      entry.end(verdict)
    }
    settledCount += 1
  }
  if (settledCount === 0) return
  if (!isUnsure) entries.splice(0, settledCount)
  else entries.splice(0, entries.length, ...entries.filter((entry) => !entry.isSettled))
}

function verdictOf(hosted: HostedPartition, waiting: WaitingAppend): AppendVerdict {
  const { state, log } = hosted
  if (waiting.until === 'committed') return appendVerdict(state, log, waiting)
  // A copy may be of an older epoch than this one; whoever leads has cut nothing since it began to.
  const isLed = state.leader()?.registration().leaderEpoch === waiting.leaderEpoch
  if (!isLed && !holdsAppend(log, waiting)) return 'lost'
  return log.durableOffset() >= waiting.endOffset ? 'done' : 'wait'
}
