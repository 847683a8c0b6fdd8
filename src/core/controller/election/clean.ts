/** An ordinary election: within the ISR nothing can be lost. */
import { type NodeId } from '../../../base/id.ts'
import { type Ballot } from './ballot.ts'

/** The present leader while it is in the ISR, else the first replica that is. */
export function electClean(ballot: Ballot): NodeId | undefined {
  const { leader, isr, replicas } = ballot
  if (leader !== undefined && isr.includes(leader)) return leader
  return replicas.find((replica) => isr.includes(replica))
}
