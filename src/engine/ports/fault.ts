/**
 * Faults: the outside broke. Thrown by ports and caught only by the owner of a mailbox, a retry or
 * a request; everything else lets them pass.
 */

/** Why a storage operation failed. `no-space` is ENOSPC; `io` is EIO and every failed sync;
 * `too-large`: packed bytes would inflate beyond the bound. */
export type StorageFaultCode =
  | 'no-space'
  | 'io'
  | 'not-found'
  | 'exists'
  | 'corrupt'
  | 'too-large'
  | 'locked'
  | 'denied'
  | 'poisoned'
  | 'closed'

/** A disk, file or key-value operation failed. Whether a failed write happened is unknown. */
export class StorageFault extends Error {
  override readonly name = 'StorageFault'
  readonly code: StorageFaultCode

  constructor(code: StorageFaultCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options)
    this.code = code
  }
}

/**
 * Why a request got no answer. `refused`: nobody listens there (the request did not happen);
 * `unresolved`: the name has no address (did not happen); `rejected`: the peer refused the Hello
 * (did not happen); `overloaded`: the bounded queue of this side is full (did not happen);
 * `disconnected` and `timeout`: it may have happened; `closed`: this side closed the channel.
 */
export type TransportFaultCode =
  | 'refused'
  | 'unresolved'
  | 'rejected'
  | 'overloaded'
  | 'disconnected'
  | 'timeout'
  | 'cancelled'
  | 'closed'

/** A request could not be delivered or its answer did not arrive. */
export class TransportFault extends Error {
  override readonly name = 'TransportFault'
  readonly code: TransportFaultCode

  constructor(code: TransportFaultCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options)
    this.code = code
  }
}
