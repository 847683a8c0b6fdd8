/**
 * How a command fails: one sentence for people, a code for programs, an exit status. Every error
 * that reaches the top of the command line passes through `describeFailure`, once.
 */

/** Exit statuses: part of the surface. */
export const exitStatus = { done: 0, failed: 1, usage: 2, timedOut: 3, interrupted: 130 } as const

/** An error of the command line itself. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
  readonly code: string
  readonly status: number

  constructor(code: 'USAGE' | 'TIMED_OUT' | 'INTERRUPTED' | 'FAILED', message: string) {
    super(message)
    this.code = code
    this.status = statusOf(code)
  }
}

/** What is said about a failure. */
export interface Failure {
  readonly code: string
  readonly message: string
  readonly isRetriable: boolean
  readonly status: number
}

/** The failure behind whatever was thrown. Matches on `code` and never on text. */
export function describeFailure(cause: unknown): Failure {
  if (!(cause instanceof Error))
    return { code: 'FAILED', message: String(cause), isRetriable: false, status: exitStatus.failed }
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : 'FAILED'
  return {
    code,
    message: sentence(cause),
    isRetriable: 'isRetriable' in cause && cause.isRetriable === true,
    status: cause instanceof CommandError ? cause.status : statusOf(code, cause.name),
  }
}

/** A node's own settings are the user's input (`StartFailure`); those of a topic are the cluster's business. */
function statusOf(code: string, name = ''): number {
  switch (code) {
    case 'USAGE':
    case 'INVALID_ARGUMENT':
      return exitStatus.usage
    case 'INVALID_CONFIG':
      return name === 'StartFailure' ? exitStatus.usage : exitStatus.failed
    case 'TIMED_OUT':
    case 'REQUEST_TIMED_OUT':
    // Brokers look for the controller until the deadline.
    case 'NOT_CONTROLLER':
      return exitStatus.timedOut
    case 'INTERRUPTED':
    case 'CANCELLED':
      return exitStatus.interrupted
    default:
      return exitStatus.failed
  }
}

/** First letter large unless the first word is a name (a setting, `topic-0`, an address), a full stop at the end. */
function sentence(cause: Error): string {
  const text = cause.message.trim()
  const isWord = /^[a-z]+[ ,;:]/.test(text)
  const large = isWord ? text.charAt(0).toUpperCase() + text.slice(1) : text
  return /[.!?)]$/.test(large) ? large : `${large}.`
}
