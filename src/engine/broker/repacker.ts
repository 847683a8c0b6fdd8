/**
 * `compression.type`: batches of a topic that names a codec are stored with that codec. Batches that
 * have it pass through; the others are inflated, looked at record by record, and packed anew, off the
 * event loop. Records of compacted topics are looked at too, whatever their codec: each must have a
 * key. Called by the produce handler.
 *
 * Invariants:
 * - Records of a partition are placed in the order of the calls: behind one that is being packed,
 *   everything of that partition waits.
 * - What nobody waits for any more when its turn comes is left out: the line is no longer than callers
 *   wait, and they do not add to it by coming again.
 * - At most `widthMax` batches are open at a time, each within `inflatedMaxOf` bytes.
 */
import { concatBytes } from '../../base/bytes.ts'
import { isCompacted, type TopicConfig } from '../../core/config/topic-settings.ts'
import {
  batchHeaderBytes,
  claimedCompression,
  compression,
  forEachBatch,
  repackBatch,
  wholeBatchBytes,
} from '../../core/record/batch-header.ts'
import { type CompressionName } from '../../core/record/compression.ts'
import { RecordCheck } from '../../core/record/record-check.ts'
import {
  batchName,
  refuseClaim,
  validateClaim,
  type ClaimLimits,
  type ClaimRefusal,
} from '../../core/record/validate.ts'
import { type Clock } from '../ports/clock.ts'
import { type Compressor } from '../ports/compressor.ts'
import { StorageFault } from '../ports/fault.ts'
import { Gate } from '../runtime/gate.ts'
import { sleep } from '../runtime/sleep.ts'

/** What is being packed for: a partition by its key, and its topic's settings when its turn comes. */
export interface RepackFor {
  readonly key: string
  readonly config: () => TopicConfig
  /** On the monotonic clock: after it nobody waits. */
  readonly deadlineAtMs: number
}

/** A batch of an entry, as refusals name it. */
interface OneBatch {
  readonly bytes: Uint8Array
  readonly at: number
  readonly length: number
  readonly name: string
}

const mib = 1024 * 1024
const widthMax = 2
/** Of a partition waits one at most. */
const waitingCountMax = 1_000_000
/** Most bytes that one entry's batches may inflate to, together. */
const inflatedBytesMax = 32 * mib
const inflatedPerBatchByte = 8
/** Records looked at in one turn of the event loop: about a millisecond. */
const recordsPerTurn = 10_000

/** Packs batches with their topic's codec. */
export class Repacker {
  readonly #compressor: Compressor
  readonly #clock: Clock
  readonly #gate = new Gate({ widthMax, queueCountMax: waitingCountMax })
  readonly #turns = new Map<string, Promise<void>>()

  constructor(ports: { readonly compressor: Compressor; readonly clock: Clock }) {
    this.#compressor = ports.compressor
    this.#clock = ports.clock
  }

  /** Whether these records of a partition cannot be placed now: use `run`. */
  mustWait(partition: RepackFor, records: Uint8Array): boolean {
    if (this.#turns.has(partition.key)) return true
    const config = partition.config()
    const codec = codecOf(config)
    return isCompacted(config) || (codec !== 'producer' && hasOther(records, codec))
  }

  /**
   * Calls `place` once, in order, with the records to store or the reason why not; not at all when it
   * is too late. Resolves then.
   */
  async run(
    partition: RepackFor,
    records: Uint8Array,
    place: (records: Uint8Array | ClaimRefusal) => void,
  ): Promise<void> {
    const { key } = partition
    const turn = this.#takeTurn(this.#turns.get(key), partition, async (config) => {
      place(await this.#repack(config, records))
    })
    this.#turns.set(key, turn)
    try {
      await turn
    } finally {
      if (this.#turns.get(key) === turn) this.#turns.delete(key)
    }
  }

  async #takeTurn(
    before: Promise<void> | undefined,
    partition: RepackFor,
    work: (config: TopicConfig) => Promise<void>,
  ): Promise<void> {
    await before?.catch(() => undefined) // it was its own caller's to hear of
    if (this.#clock.nowMs() < partition.deadlineAtMs) await work(partition.config())
  }

  async #repack(config: TopicConfig, records: Uint8Array): Promise<Uint8Array | ClaimRefusal> {
    const codec = codecOf(config)
    const batchBytesMax = config['max.message.bytes']
    const needsKeys = isCompacted(config)
    if (!needsKeys && (codec === 'producer' || !hasOther(records, codec))) return records
    const sound = validateClaim(records, claimLimitsOf(config, this.#clock.wallMs()))
    if (!sound.ok) return sound
    const packed: Uint8Array[] = []
    let leftBytes = inflatedBytesMax
    for (const batch of batchesOf(records)) {
      const whole = batch.bytes.subarray(batch.at, batch.at + batch.length)
      const came = compression(batch.bytes, batch.at)
      const wanted = codec === 'producer' ? came : codec
      if (came === wanted && !needsKeys) {
        packed.push(whole)
        continue
      }
      const plainBytesMax = Math.min(leftBytes, batchBytesMax * inflatedPerBatchByte)
      const done = await this.#gate.run(async () =>
        this.#repackOne(batch, wanted, { plainBytesMax, needsKeys }),
      )
      if ('ok' in done) return refuseClaim(done.code, `${batch.name} ${done.message}`)
      if (done.bytes.length > batchBytesMax) return tooLarge(batch, done.bytes.length, config)
      leftBytes -= done.plainBytes
      packed.push(done.bytes)
    }
    return concatBytes(packed)
  }

  async #repackOne(
    batch: OneBatch,
    codec: CompressionName,
    how: { readonly plainBytesMax: number; readonly needsKeys: boolean },
  ): Promise<{ readonly bytes: Uint8Array; readonly plainBytes: number } | ClaimRefusal> {
    const { bytes, at, length } = batch
    const plain = await this.#inflated(batch, how.plainBytesMax)
    if ('ok' in plain) return plain
    const check = new RecordCheck(bytes, at, plain, how.needsKeys)
    let verdict = check.step(recordsPerTurn)
    while (verdict === 'more') {
      await sleep(this.#clock, 0)
      verdict = check.step(recordsPerTurn)
    }
    if (verdict !== 'sound') return verdict
    if (compression(bytes, at) === codec)
      return { bytes: bytes.subarray(at, at + length), plainBytes: plain.length }
    const packed = await this.#compressor.compress(codec, plain)
    const repacked = repackBatch(bytes.subarray(at, at + length), 0, { codec, records: packed })
    return { bytes: repacked, plainBytes: plain.length }
  }

  async #inflated(batch: OneBatch, plainBytesMax: number): Promise<Uint8Array | ClaimRefusal> {
    const { bytes, at, length } = batch
    const came = compression(bytes, at)
    const packed = bytes.subarray(at + batchHeaderBytes, at + length)
    try {
      return await this.#compressor.decompress(came, packed, plainBytesMax)
    } catch (cause) {
      if (!(cause instanceof StorageFault)) throw cause
      if (cause.code === 'too-large') {
        const bound = `inflates to more than ${plainBytesMax} bytes, which is all that is opened here`
        return refuseClaim('MESSAGE_TOO_LARGE', `${bound}: send less in one batch`)
      }
      const wrong = `cannot be inflated: ${cause.message}`
      return refuseClaim('CORRUPT_MESSAGE', `${wrong}; compress it anew`)
    }
  }
}

/** The codec of a topic's batches, or that of whoever sent them. */
function codecOf(config: TopicConfig): CompressionName | 'producer' {
  const type = config['compression.type']
  return type === 'uncompressed' ? 'none' : type
}

/** What a topic takes at this time of the broker's clock. */
export function claimLimitsOf(config: TopicConfig, wallMs: number): ClaimLimits {
  const behindMs = config['message.timestamp.before.max.ms']
  const isBrokerTime = config['message.timestamp.type'] === 'LogAppendTime'
  return {
    batchBytesMax: config['max.message.bytes'],
    timestampMinMs: behindMs === -1 || isBrokerTime ? 0 : wallMs - behindMs,
    timestampMaxMs: isBrokerTime ? Infinity : wallMs + config['message.timestamp.after.max.ms'],
  }
}

function tooLarge(batch: OneBatch, length: number, config: TopicConfig): ClaimRefusal {
  const stored = `has ${length} bytes when stored with compression.type=${config['compression.type']}`
  const bound = `max.message.bytes is ${config['max.message.bytes']}: send less at once or raise it`
  return refuseClaim('MESSAGE_TOO_LARGE', `${batch.name} ${stored}, ${bound}`)
}

/** Whether a batch came with another codec; bytes that are no batches are left to the check of claims. */
function hasOther(records: Uint8Array, codec: CompressionName): boolean {
  for (let at = 0; ;) {
    const length = wholeBatchBytes(records, at)
    if (length === undefined) return false
    if (claimedCompression(records, at) !== codec) return true
    at += length
  }
}

function batchesOf(records: Uint8Array): readonly OneBatch[] {
  const batches: OneBatch[] = []
  forEachBatch(records, (at, length) => {
    batches.push({ bytes: records, at, length, name: batchName(batches.length + 1, at) })
  })
  return batches
}
