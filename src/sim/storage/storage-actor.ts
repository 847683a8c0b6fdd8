/**
 * One user of one log in a storage seed: appends, reads, cuts, drops and makes it again, at random,
 * and tells the model what it asked and what was answered. It ends with its process.
 */
import { compareBytes, concatBytes } from '../../base/bytes.ts'
import { epoch, offset } from '../../base/id.ts'
import { type Random } from '../../base/random.ts'
import { type Clock } from '../../engine/ports/clock.ts'
import { StorageFault } from '../../engine/ports/fault.ts'
import { type LogDirectory } from '../../engine/storage/log-directory.ts'
import { plainPolicy, type PartitionLog } from '../../engine/storage/partition-log.ts'
import { drawKeyedBatch, firstUnlike, recordsFrom } from './compacted-log.ts'
import { type LogModel } from './log-model.ts'
import { makeBatch, makeLog, partition, topicOf } from './storage-world.ts'

/** Rounds of an actor that compact, where a log is compacted. */
const compactShare = 0.06

/** What an actor tells a model. */
export type ActorModel = Pick<
  LogModel,
  | 'index'
  | 'flush'
  | 'presence'
  | 'begin'
  | 'append'
  | 'acknowledge'
  | 'cut'
  | 'restart'
  | 'isAnswered'
  | 'keepOnlyNewest'
  | 'bytesFrom'
  | 'offsetAt'
  | 'moveStart'
  | 'epoch'
  | 'isModeKnown'
> &
  Partial<Pick<LogModel, 'compacted'>>

/** What an actor works with. */
export interface ActorParts {
  /** Lets time go by. */
  readonly pass: (ms: number) => Promise<void>
  readonly directory: LogDirectory
  readonly model: ActorModel
  readonly random: Random
  readonly segmentBytes: number
  /** Where logs are compacted. */
  readonly clock?: Clock
  /** Counts what was done, by name. */
  readonly count: (what: string) => void
  /** Told of what must not be. */
  readonly violated: (message: string) => void
  /** A metadata log is never dropped, nor is its mode changed. */
  readonly isMetadata: boolean
}

/** Uses a log until `isStopped`, or until the directory takes no writes. */
export class StorageActor {
  readonly #parts: ActorParts
  /** Draws for compacted logs alone. */
  readonly #keyed: Random
  #epoch = 0
  #tag = 0
  #wasCut = false
  isStopped = false

  constructor(parts: ActorParts) {
    this.#parts = parts
    this.#keyed = parts.random.fork('keyed')
  }

  /** Works; resolves when it was stopped or its directory failed. */
  async run(): Promise<void> {
    const { directory, model, violated } = this.#parts
    try {
      let log = await this.#open()
      this.#epoch = Math.max(log.lastEpoch() ?? 0, model.epoch)
      while (!this.isStopped) log = await this.#act(log)
    } catch (cause) {
      if (cause instanceof StorageFault && directory.state() !== 'online') return
      violated(
        `log ${model.index}: ${cause instanceof Error ? (cause.stack ?? '') : String(cause)}`,
      )
    }
  }

  async #open(): Promise<PartitionLog> {
    const { directory, model, segmentBytes } = this.#parts
    if (model.presence === 'gone') {
      model.begin()
      model.presence = 'maybe'
    }
    const log = await makeLog(directory, model.index, model.flush, segmentBytes)
    model.presence = 'there'
    return log
  }

  async #act(log: PartitionLog): Promise<PartitionLog> {
    const { random, pass, isMetadata, model } = this.#parts
    if (model.compacted !== undefined && this.#keyed.chance(compactShare)) {
      await this.#compact(log)
      return log
    }
    const draw = random.next()
    if (draw < 0.6) await this.#append(log)
    else if (draw < 0.83) await this.#read(log)
    else if (draw < 0.9) await pass(random.next() * 30)
    else if (draw < 0.94 && !isMetadata) await this.#moveStart(log)
    else if (draw < 0.97) await this.#truncate(log)
    else if (draw < 0.98) await this.#restart(log)
    else if (isMetadata || model.compacted !== undefined) return log
    else if (draw < 0.99) await this.#flush(log)
    else return this.#drop()
    return log
  }

  /** A few appends at once, some small, some large. */
  async #append(log: PartitionLog): Promise<void> {
    const { model, random, count } = this.#parts
    if (random.chance(0.03)) this.#epoch += 1
    const appended: Promise<void>[] = []
    for (let left = 1 + random.below(4); left > 0; left--) {
      this.#tag += 1
      const base = log.endOffset()
      const bytes = random.chance(0.15) ? 3000 + random.below(9000) : 20 + random.below(900)
      const of = {
        base,
        tag: `${model.index}.${this.#tag}.${random.below(1000)} `,
        bytes,
        count: 1 + random.below(3),
        epoch: this.#epoch,
      }
      const batch = model.compacted === undefined ? makeBatch(of) : drawKeyedBatch(of, this.#keyed)
      model.epoch = this.#epoch
      const durable = log.append(batch)
      const end = log.endOffset()
      if (end > base) model.append(base, end, batch)
      appended.push(
        durable.then((durableEnd) => {
          if (durableEnd < end) this.#parts.violated(`append to ${end} answered ${durableEnd}`)
          model.acknowledge(end)
          count('acknowledged')
        }),
      )
    }
    if (random.chance(0.5)) appended.push(this.#read(log))
    const results = await Promise.allSettled(appended)
    for (const result of results) if (result.status === 'rejected') throw result.reason
  }

  async #read(log: PartitionLog): Promise<void> {
    const { model, random, violated, count } = this.#parts
    const from = offset(
      model.offsetAt(random.chance(0.5) ? random.next() : 1 - random.next() * 0.1),
    )
    const read = await log.read({ from, bytesMax: 200 + random.below(20_000) })
    const bytes = concatBytes(read.slices)
    const expected = model.bytesFrom(from)
    const isRight =
      model.compacted === undefined
        ? compareBytes(bytes, expected.subarray(0, bytes.length)) === 0
        : firstUnlike(recordsFrom(expected, from), recordsFrom(bytes, from)) === undefined
    if (!isRight) violated(`log ${model.index}: wrong bytes from ${from}`)
    if (bytes.length === 0 && from < log.endOffset())
      violated(`log ${model.index}: nothing at ${from} of ${log.endOffset()}`)
    count('reads')
  }

  async #truncate(log: PartitionLog): Promise<void> {
    const { model, random, violated, count } = this.#parts
    const drawn = model.offsetAt(random.chance(0.3) ? random.next() : 1 - random.next() * 0.2)
    const wanted = offset(Math.max(drawn, model.compacted?.compactedTo ?? 0))
    if (wanted >= log.endOffset()) return
    this.#wasCut = true
    const end = model.cut(wanted)
    await log.truncateTo(wanted)
    if (log.endOffset() !== end) violated(`truncated to ${log.endOffset()}, not ${end}`)
    model.isAnswered()
    this.#epoch = Math.max(this.#epoch, log.lastEpoch() ?? 0) + 1
    count('truncations')
  }

  /** The start moves, often to the end, while appends and reads go on. */
  async #moveStart(log: PartitionLog): Promise<void> {
    const { model, random, violated, count } = this.#parts
    const isAll = random.chance(0.2)
    const at = offset(isAll ? log.endOffset() : model.offsetAt(random.next()))
    this.#wasCut = true
    model.moveStart(at)
    const work = [log.startAt(at)]
    if (random.chance(0.7)) work.push(this.#append(log))
    for (const result of await Promise.allSettled(work))
      if (result.status === 'rejected') throw result.reason
    if (log.startOffset() < at) violated(`starts at ${log.startOffset()}, not ${at}`)
    model.isAnswered()
    count('start moves')
  }

  /** Compacts while appends and reads go on. */
  async #compact(log: PartitionLog): Promise<void> {
    const { model, count, clock } = this.#parts
    if (model.compacted === undefined || clock === undefined) return
    const before = log.segments()
    const compacted = model.compacted.compact(log, clock).catch((cause: unknown) => {
      // What a cut or a move of the start leaves to be dropped may go while it is read.
      if (!this.#wasCut || !(cause instanceof StorageFault) || cause.code !== 'closed') throw cause
      count('compactions given up')
    })
    const work = [compacted]
    if (this.#keyed.chance(0.7)) work.push(this.#append(log))
    for (const result of await Promise.allSettled(work))
      if (result.status === 'rejected') throw result.reason
    count('compactions')
    if (sumOf(log.segments()) < sumOf(before)) count('compactions to less')
  }

  async #restart(log: PartitionLog): Promise<void> {
    const { model, random, count } = this.#parts
    const at = offset(log.endOffset() + random.below(100))
    this.#wasCut = true
    model.restart(at)
    await log.restartAt(at)
    model.isAnswered()
    this.#epoch = Math.max(this.#epoch, log.lastEpoch() ?? epoch(0)) + 1
    count('restarts')
  }

  async #flush(log: PartitionLog): Promise<void> {
    const { model, count } = this.#parts
    const mode = model.flush === 'ack' ? 'interval' : 'ack'
    // Until the answer, the weaker promise holds.
    model.flush = 'interval'
    const wasKnown = model.isModeKnown
    model.isModeKnown = false
    await log.configure(plainPolicy(mode, this.#parts.segmentBytes))
    model.flush = mode
    // A log that was in that mode already had nothing to settle.
    if (wasKnown) model.keepOnlyNewest()
    else model.isAnswered()
    model.isModeKnown = true
    count('flush-changes')
  }

  async #drop(): Promise<PartitionLog> {
    const { directory, model, count } = this.#parts
    model.presence = 'maybe'
    await directory.dropLog(topicOf(model.index), partition)
    model.presence = 'gone'
    model.epoch = 0
    this.#epoch = 0
    count('drops')
    return this.#open()
  }
}

function sumOf(segments: readonly { readonly bytes: number }[]): number {
  return segments.reduce((sum, { bytes }) => sum + bytes, 0)
}
