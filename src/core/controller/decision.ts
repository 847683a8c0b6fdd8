/**
 * What deciding comes to: records to append and an answer for after their commit, or a refusal.
 * Deciders are pure functions over a `ClusterView`; a `Draft` lets one decision build on its own
 * earlier records, with the very code that will replay them.
 */
import { type Offset } from '../../base/id.ts'
import { type Refusal } from '../api/error-code.ts'
import { type ConfigViewer } from '../config/effective-config.ts'
import { applyRecords } from '../metadata/delta/apply.ts'
import { type MetadataImage } from '../metadata/image/image.ts'
import { type MetadataRecord } from '../metadata/records/record.ts'

/** Records and the answer, or a refusal. `reply` gets the offset that the first record was given. */
export type Decision<T> =
  | {
      readonly ok: true
      readonly records: readonly MetadataRecord[]
      readonly reply: (baseOffset: Offset) => T
    }
  | Refusal

/** What a decision is made from: an image and the settings of the node that decides. */
export interface ClusterView {
  readonly image: MetadataImage
  readonly viewer: ConfigViewer
}

/** A decision whose answer does not depend on where its records land. */
export function decided<T>(records: readonly MetadataRecord[], reply: T): Decision<T> {
  return { ok: true, records, reply: () => reply }
}

/** A view that runs ahead of the log by the records of one decision. */
export class Draft {
  readonly #viewer: ConfigViewer
  readonly #records: MetadataRecord[] = []
  #image: MetadataImage

  constructor(view: ClusterView) {
    this.#image = view.image
    this.#viewer = view.viewer
  }

  /** The image with all records so far. */
  view(): ClusterView {
    return { image: this.#image, viewer: this.#viewer }
  }

  /** All records so far. */
  records(): readonly MetadataRecord[] {
    return this.#records
  }

  /** Adds records to the decision. */
  add(records: readonly MetadataRecord[]): void {
    if (records.length === 0) return
    const at = { offset: this.#image.offset, epoch: this.#image.epoch }
    this.#image = applyRecords(this.#image, records, at).image
    for (const record of records) this.#records.push(record)
  }
}
