/** The server side of every operation: one function, called by whichever listener received the request. */
import { type ApiName, type Apis } from '../../core/api/apis.ts'
import { type Outcome } from '../../core/api/error-code.ts'
import { type RequestContext } from '../../core/api/request-context.ts'

/**
 * Answers a request. It is called in the order of arrival on each stream, and what it does before its
 * first `await` happens in that order: appends of one partition keep it. It never rejects for an
 * expected answer; a rejection is a fault of this node and reaches the peer as UNKNOWN_SERVER_ERROR.
 */
export interface RequestHandler {
  readonly handle: <A extends ApiName>(
    api: A,
    request: Apis[A]['request'],
    context: RequestContext,
  ) => Promise<Outcome<Apis[A]['response']>>
}
