/**
 * How this broker stands with the controller: written by `broker-lifecycle.ts` alone, read by all
 * that must carry the broker epoch or stop when the broker is fenced.
 */
import { type BrokerEpoch } from '../../base/id.ts'
import { Bell } from '../runtime/bell.ts'

/** `starting`: not registered yet; `stopped`: serves nothing any more. */
export type BrokerState = 'starting' | 'fenced' | 'running' | 'stopping' | 'stopped'

/** The broker's own view of its registration. */
export class Standing {
  /** Rings after each change. */
  readonly changed = new Bell()
  #state: BrokerState = 'starting'
  #epoch: BrokerEpoch | undefined

  /** Where the broker is in its life. */
  state(): BrokerState {
    return this.#state
  }

  /** The epoch of the present registration. */
  brokerEpoch(): BrokerEpoch | undefined {
    return this.#epoch
  }

  /** Whether produces and fetches may be served: a fenced broker's leadership is over, known here or not. */
  isServing(): boolean {
    return this.#state === 'running' || this.#state === 'stopping'
  }

  /** A registration was accepted: fenced until the controller says otherwise. */
  registered(epoch: BrokerEpoch): void {
    this.#epoch = epoch
    this.become('fenced')
  }

  /** Enters a state. */
  become(state: BrokerState): void {
    if (this.#state === state) return
    this.#state = state
    this.changed.ring()
  }
}
