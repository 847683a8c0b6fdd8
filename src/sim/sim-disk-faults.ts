/** Faults that a simulated disk is told to show: the k-th write, sync or read fails, once or from then on. */
import { type StorageFaultCode } from '../engine/ports/fault.ts'

/** What the fault hits. A synced key-value batch is both a write and a sync. */
export type DiskAct = 'write' | 'sync' | 'read'

/** One fault to come. */
export interface DiskFault {
  readonly on: DiskAct
  readonly code: Extract<StorageFaultCode, 'no-space' | 'io'>
  /** How many such acts still succeed. */
  readonly afterCount: number
  /** Every later act fails as well, until `clear`. Default false. */
  readonly isLasting?: boolean
  /** Only paths that start with this count. Default: all. */
  readonly pathPrefix?: string
}

/** Counts the acts of a disk and says which of them fail. */
export class DiskFaults {
  #pending: { readonly fault: DiskFault; leftCount: number }[] = []
  readonly #counts = { write: 0, sync: 0, read: 0 }

  /** Acts of a kind so far. */
  count(act: DiskAct): number {
    return this.#counts[act]
  }

  /** Adds a fault to come. */
  inject(fault: DiskFault): void {
    this.#pending.push({ fault, leftCount: fault.afterCount })
  }

  /** Forgets all faults to come. */
  clear(): void {
    this.#pending = []
  }

  /** Counts one act; the code it fails with, if it does. */
  meet(act: DiskAct, path: string): DiskFault['code'] | undefined {
    this.#counts[act] += 1
    let code: DiskFault['code'] | undefined
    this.#pending = this.#pending.filter((entry) => {
      const { fault } = entry
      if (fault.on !== act || !path.startsWith(fault.pathPrefix ?? '')) return true
      if (entry.leftCount > 0) {
        entry.leftCount -= 1
        return true
      }
      code = fault.code
      return fault.isLasting === true
    })
    return code
  }
}
