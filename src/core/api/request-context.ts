/** Who asks, over which listener, and until when. Handlers see this and the request, nothing of the wire. */
import { type BrokerHello } from './hello.ts'

/** Travels with every request. */
export interface RequestContext {
  /** `User:anonymous` until security lands. */
  readonly principal: string
  readonly listener: string
  readonly clientId: string
  /** Address of the peer, for logs. */
  readonly peer: string
  /** On the monotonic clock of the node: after it nobody waits for the answer. */
  readonly deadlineAtMs: number
  /** Aborted by Cancel and by the loss of the connection; absent where nobody can cancel. */
  readonly signal?: AbortSignal
  /** Set when the stream's Hello named a broker. */
  readonly broker?: BrokerHello
}
