/**
 * The deep look at a producer's batch, for when a leader opens it anyway: its records must be what
 * its header claims. Done in slices, as a batch may inflate to a million records and the event loop
 * has other work.
 */
import { MalformedBytesError } from '../../base/bytes.ts'
import { baseOffset, maxTimestampMs, recordCount } from './batch-header.ts'
import { readHeaders, RecordCursor } from './batch-reader.ts'
import { refuseClaim, type ClaimRefusal } from './validate.ts'

/** A check under way. */
export class RecordCheck {
  readonly #cursor: RecordCursor
  readonly #count: number
  readonly #baseOffset: number
  readonly #claimedMaxMs: number
  readonly #needsKeys: boolean
  #seen = 0
  #maxMs = -1

  /** Of the verified batch at `at`, whose records section inflated to `plain`; `needsKeys`: of a compacted topic. */
  constructor(bytes: Uint8Array, at: number, plain: Uint8Array, needsKeys = false) {
    this.#cursor = new RecordCursor().openInflated(bytes, at, plain)
    this.#needsKeys = needsKeys
    this.#count = recordCount(bytes, at)
    this.#baseOffset = baseOffset(bytes, at)
    this.#claimedMaxMs = maxTimestampMs(bytes, at)
  }

  /** Looks at up to `countMax` further records: `more` are left, all are `sound`, or the refusal. */
  step(countMax: number): 'more' | 'sound' | ClaimRefusal {
    try {
      for (let left = countMax; left > 0; left--) {
        if (!this.#cursor.next()) return this.#end()
        const refused = this.#record()
        if (refused !== undefined) return refused
      }
      return 'more'
    } catch (cause) {
      if (!(cause instanceof MalformedBytesError)) throw cause
      const message = `has something else than records at record ${this.#seen}: ${cause.message}`
      return refuseClaim('INVALID_RECORD', `${message}; encode it anew`)
    }
  }

  #record(): ClaimRefusal | undefined {
    const { bytes, offset, timestampMs, keyBytes, headersAt, recordEnd } = this.#cursor
    if (this.#needsKeys && keyBytes < 0) {
      const found = `has no key in record ${this.#seen}`
      return refuseClaim('INVALID_RECORD', `${found}: the topic is compacted, so give it one`)
    }
    if (offset !== this.#baseOffset + this.#seen) {
      const found = `record ${this.#seen} has offset delta ${offset - this.#baseOffset}`
      return refuseClaim(
        'INVALID_RECORD',
        `counts its records wrongly, ${found}: number them from 0`,
      )
    }
    readHeaders(bytes, headersAt, recordEnd)
    if (timestampMs > this.#maxMs) this.#maxMs = timestampMs
    this.#seen += 1
    return undefined
  }

  #end(): 'sound' | ClaimRefusal {
    if (this.#maxMs === this.#claimedMaxMs || this.#count === 0) return 'sound'
    const found = `its header says ${this.#claimedMaxMs}, its records ${this.#maxMs}`
    return refuseClaim(
      'INVALID_TIMESTAMP',
      `has a wrong greatest timestamp, ${found}: set it right`,
    )
  }
}
