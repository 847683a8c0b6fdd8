/**
 * Admin operations: any broker takes them and passes them to the active controller. While none is
 * known, or the one that was is gone before it got the request, the search goes on until the caller's
 * deadline; once a request may have arrived, a lost answer is answered as unknown, never repeated.
 */
import { type ApiName, type Apis } from '../../../core/api/apis.ts'
import { refuse, type Outcome } from '../../../core/api/error-code.ts'
import { type RequestContext } from '../../../core/api/request-context.ts'
import { TransportFault } from '../../ports/fault.ts'
import { type BrokerParts } from '../broker-parts.ts'

/** Operations that only the active controller answers. */
export type ForwardedApi = Extract<
  ApiName,
  | 'create-topics'
  | 'delete-topics'
  | 'create-partitions'
  | 'alter-configs'
  | 'elect-leaders'
  | 'describe-quorum'
>

const retryMs = 100
const answerMarginMsMax = 100

/** The active controller's answer. */
export async function forward<A extends ForwardedApi>(
  parts: BrokerParts,
  api: A,
  request: Apis[A]['request'],
  context: RequestContext,
): Promise<Outcome<Apis[A]['response']>> {
  const { clock } = parts.ports
  const budgetMs = context.deadlineAtMs - clock.nowMs()
  // The caller must still hear that nobody was found.
  const answerMarginMs = Math.min(answerMarginMsMax, budgetMs / 10)
  for (;;) {
    const leftMs = context.deadlineAtMs - clock.nowMs() - answerMarginMs
    if (leftMs <= 0 || context.signal?.aborted === true) {
      return refuse(
        'NOT_CONTROLLER',
        'no active controller is known to the brokers: check that most of the controllers run, then try again',
      )
    }
    const outcome = await tryOnce(parts, api, request, { leftMs, context })
    if (outcome !== 'again') return outcome
    const timeout = { clock, ms: Math.min(retryMs, leftMs) }
    await parts.controllerMoved.wait({ timeout, ...(context.signal && { signal: context.signal }) })
  }
}

async function tryOnce<A extends ForwardedApi>(
  parts: BrokerParts,
  api: A,
  request: Apis[A]['request'],
  how: { readonly leftMs: number; readonly context: RequestContext },
): Promise<Outcome<Apis[A]['response']> | 'again'> {
  const { signal } = how.context
  try {
    const options = { timeoutMs: how.leftMs, ...(signal !== undefined && { signal }) }
    const outcome = await parts.adminLink.request(api, request, options)
    return !outcome.ok && outcome.code === 'NOT_CONTROLLER' ? 'again' : outcome
  } catch (cause) {
    if (!(cause instanceof TransportFault)) throw cause
    if (surelyNotArrived.has(cause.code)) return 'again'
    return refuse('UNKNOWN_OUTCOME', `the controller's answer to ${api} was lost: ${cause.message}`)
  }
}

const surelyNotArrived: ReadonlySet<TransportFault['code']> = new Set([
  'refused',
  'unresolved',
  'rejected',
  'overloaded',
])
