/** Hands a request to the node's handler and turns whatever comes of it into an outcome. */
import type { ApiName, Apis } from '../../core/api/apis.ts'
import { type Outcome, refuse } from '../../core/api/error-code.ts'
import { Defect } from '../../base/assert.ts'
import type { Clock } from '../../engine/ports/clock.ts'
import type { Telemetry } from '../../engine/ports/telemetry.ts'
import type { ListenOptions } from '../../engine/ports/transport.ts'
import type { Share } from './holdings.ts'
import type { RequestLife } from './request-life.ts'

/** What every call of a listener needs. */
export interface Service {
  readonly listen: ListenOptions
  readonly clock: Clock
  readonly telemetry: Telemetry
  /** A caller said Hello as a broker. */
  readonly brokerCame: (peer: string) => void
  /** What the connection of a peer holds. */
  readonly shareOf: (peer: string) => Share
}

/** The refusal of an operation that this listener does not serve, or undefined. */
export function notServed(service: Service, api: ApiName): Outcome<never> | undefined {
  const { endpoint, apis } = service.listen
  if (apis.includes(api)) return undefined
  const sentence = `The listener ${endpoint.listener} at ${endpoint.host}:${endpoint.port} does not serve ${api}.`
  return refuse('INVALID_REQUEST', sentence)
}

/**
 * Calls the handler at once, and `answer` with its outcome. A fault of the handler is answered with
 * UNKNOWN_SERVER_ERROR and logged; a defect ends the process, as everywhere.
 */
export function dispatch<A extends ApiName>(
  service: Service,
  call: { readonly api: A; readonly request: Apis[A]['request']; readonly life: RequestLife },
  answer: (outcome: Outcome<Apis[A]['response']>) => void,
): void {
  const { api, request, life } = call
  service.listen.handler.handle(api, request, life).then(answer, (cause: unknown) => {
    rethrowDefect(cause)
    service.telemetry.log('error', 'request-failed', { api, peer: life.peer, cause })
    const what = cause instanceof Error ? cause.message : String(cause)
    answer(refuse('UNKNOWN_SERVER_ERROR', `Node ${service.listen.nodeId} failed: ${what}`))
  })
}

/** Throws a defect again outside of any promise, where nobody catches it. */
export function rethrowDefect(cause: unknown): void {
  if (!(cause instanceof Defect)) return
  setImmediate(() => {
    throw cause
  })
}
