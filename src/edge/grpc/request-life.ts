/**
 * The context of one request on the server's side, and its end. The abort signal is made only when the
 * handler looks at it: an AbortController a request costs as much as reading a small request does.
 */
import type { BrokerHello, Hello } from '../../core/api/hello.ts'
import type { RequestContext } from '../../core/api/request-context.ts'

/** What all requests of one caller share. */
export interface CallerFacts {
  readonly listener: string
  readonly peer: string
  /** Absent for a call that did not introduce itself. */
  readonly hello: Hello | undefined
}

/** The context that a handler gets; `abort` tells it that nobody waits any more. */
export class RequestLife implements RequestContext {
  readonly principal = 'User:anonymous'
  readonly listener: string
  readonly clientId: string
  readonly peer: string
  readonly deadlineAtMs: number
  declare readonly broker?: BrokerHello
  #isAborted = false
  #controller: AbortController | undefined

  constructor(facts: CallerFacts, deadlineAtMs: number) {
    this.listener = facts.listener
    this.clientId = facts.hello?.clientId ?? ''
    this.peer = facts.peer
    this.deadlineAtMs = deadlineAtMs
    if (facts.hello?.broker !== undefined) this.broker = facts.hello.broker
  }

  /** Aborted by Cancel, by the deadline and by the loss of the connection. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      if (this.#isAborted) this.#controller.abort()
    }
    return this.#controller.signal
  }

  /** Nobody waits for the answer any more. */
  abort(): void {
    this.#isAborted = true
    this.#controller?.abort()
  }
}
