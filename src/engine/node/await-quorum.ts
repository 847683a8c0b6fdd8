/**
 * Waits until the quorum has answered a starting node. Nobody may come for hours, so the wait has no
 * end of its own; the operator is told who does not answer, soon and then from time to time.
 */
import { type Ports } from '../ports/ports.ts'
import { type Quorum } from '../quorum/raft-driver.ts'

type Awaited = Pick<Quorum, 'leadership' | 'leadershipChanged' | 'refusal' | 'silent'>

/** Longer than an election takes. */
const firstWarningMs = 3000
const warningMs = 30_000

/** Resolves when a leader is known, the quorum refuses this node, or `signal` aborts. */
export async function awaitQuorum(
  quorum: Awaited,
  { clock, telemetry }: Pick<Ports, 'clock' | 'telemetry'>,
  signal: AbortSignal,
): Promise<void> {
  const isAnswered = (): boolean =>
    quorum.leadership().leaderId !== undefined || quorum.refusal() !== undefined
  let ms = firstWarningMs
  while (!(await quorum.leadershipChanged.until(isAnswered, { signal, timeout: { clock, ms } }))) {
    if (signal.aborted) return
    telemetry.log('warn', 'quorum-without-leader', {
      silent: quorum.silent(),
      reason: quorumSentence(quorum),
    })
    ms = warningMs
  }
}

/** Why no leader is known, as a sentence with what to look at. */
export function quorumSentence(quorum: Pick<Quorum, 'silent'>): string {
  const silent = quorum.silent()
  if (silent.length === 0) return 'The quorum has no leader yet: a majority of its voters must run.'
  return `No answer from the quorum at ${silent.join(', ')}: start those nodes, or correct controller.quorum.bootstrap.servers.`
}
