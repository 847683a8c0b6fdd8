/** Who may do what. Asked before each request, on every listener, whichever protocol it came by. */
import type { ApiName } from '../../core/api/apis.ts'

/** What somebody wants to do. */
export interface AccessQuestion {
  readonly principal: string
  readonly listener: string
  readonly api: ApiName
}

/** Decides from what it holds in memory: it is asked on the path of every request. */
export interface Authorizer {
  readonly mayCall: (question: AccessQuestion) => boolean
}
