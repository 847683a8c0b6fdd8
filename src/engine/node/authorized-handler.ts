/** Puts the authorizer before a request handler. */
import { type Apis, type ApiName } from '../../core/api/apis.ts'
import { refuse, type Outcome } from '../../core/api/error-code.ts'
import { type RequestContext } from '../../core/api/request-context.ts'
import { type Authorizer } from '../ports/authorizer.ts'
import { type RequestHandler } from '../ports/request-handler.ts'

/** A handler that refuses what the authorizer does not allow; without an authorizer, the handler itself. */
export function authorized(
  handler: RequestHandler,
  authorizer: Authorizer | undefined,
): RequestHandler {
  if (authorizer === undefined) return handler
  return {
    // Asked and handed on without an await in between: requests keep their order of arrival.
    handle: async <A extends ApiName>(
      api: A,
      request: Apis[A]['request'],
      context: RequestContext,
    ): Promise<Outcome<Apis[A]['response']>> => {
      const { principal, listener } = context
      if (authorizer.mayCall({ principal, listener, api })) {
        return handler.handle(api, request, context)
      }
      const sentence = `${principal} may not ask for ${api} on the listener ${listener}.`
      return refuse('CLUSTER_AUTHORIZATION_FAILED', sentence)
    },
  }
}
