/**
 * An election among the eligible leader replicas (KIP-966): they left the ISR while it was below
 * min ISR, when the high watermark stood still, so they miss nothing below it.
 */
import { type NodeId } from '../../../base/id.ts'
import { type Ballot } from './ballot.ts'

/** The first replica that is in the ELR and alive. */
export function electEligible(ballot: Ballot): NodeId | undefined {
  const { elr, replicas, isEligible } = ballot
  return replicas.find((replica) => elr.includes(replica) && isEligible(replica))
}
