/**
 * Why a node could not start or be formatted: one code for programs, one clear sentence for people.
 * Thrown by `formatNode` and `Node.start`; the command line prints the sentence and exits.
 */

/** What was wrong. */
export type StartFailureCode =
  | 'INVALID_CONFIG'
  | 'NOT_FORMATTED'
  | 'ALREADY_FORMATTED'
  | 'FOREIGN_DIRECTORY'
  | 'WRONG_CLUSTER_ID'
  | 'DIRECTORY_IN_USE'
  | 'PORT_IN_USE'
  | 'DUPLICATE_NODE_ID'
  | 'STORAGE_FAILED'
  | 'TIMED_OUT'
  | 'CLOSED'

/** The node cannot start; nothing of it is left running. */
export class StartFailure extends Error {
  override readonly name = 'StartFailure'
  readonly code: StartFailureCode

  constructor(code: StartFailureCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options)
    this.code = code
  }
}
