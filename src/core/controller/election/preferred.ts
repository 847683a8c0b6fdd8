/** The preferred replica, the first of the list, when leadership is to return to it. */
import { type NodeId } from '../../../base/id.ts'
import { type Ballot } from './ballot.ts'

/** The preferred replica if it is asked for and in the ISR. */
export function electPreferred(ballot: Ballot): NodeId | undefined {
  const [preferred] = ballot.replicas
  if (!ballot.wantsPreferred || preferred === undefined) return undefined
  return ballot.isr.includes(preferred) ? preferred : undefined
}
