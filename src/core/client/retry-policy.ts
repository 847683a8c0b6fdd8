/**
 * What follows a failed try: again, after fresh metadata or not, or the end. The pause grows with
 * the failures in a row; chance for the jitter is an argument.
 */
import { type ErrorCode } from '../api/error-code.ts'

/** Pauses between tries of the SDK. */
export const retryPauses = { initialMs: 50, maxMs: 1000 } as const

/** Pause before the next try, after `failureCount` failures before this one; `chance` in [0, 1). */
export function retryPauseMs(failureCount: number, chance: number): number {
  const stepMs = Math.min(
    retryPauses.maxMs,
    retryPauses.initialMs * 2 ** Math.min(failureCount, 10),
  )
  return stepMs / 2 + (chance * stepMs) / 2
}

/** Codes that say: the client's picture of the cluster is old. */
const staleCodes: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'NOT_LEADER_OR_FOLLOWER',
  'LEADER_NOT_AVAILABLE',
  'UNKNOWN_TOPIC_OR_PARTITION',
  'UNKNOWN_TOPIC_ID',
  'INCONSISTENT_TOPIC_ID',
  'FENCED_LEADER_EPOCH',
  'UNKNOWN_LEADER_EPOCH',
  'BROKER_NOT_AVAILABLE',
  'KAFKA_STORAGE_ERROR',
  'NOT_READY',
])

/** Whether the answer asks for fresh metadata before the next try. */
export function wantsMetadata(code: ErrorCode): boolean {
  return staleCodes.has(code)
}
