/** A broker that is not heard of any more: fenced, if it is still the one that fell silent. */
import { type BrokerEpoch, type NodeId } from '../../../base/id.ts'
import { type ClusterView, type Decision, decided, Draft } from '../decision.ts'
import { fence } from './departure.ts'

/** Fences the broker; nothing when it is fenced or came back under another epoch. */
export function decideFence(
  view: ClusterView,
  silent: { readonly brokerId: NodeId; readonly brokerEpoch: BrokerEpoch },
): Decision<{ readonly isFenced: boolean }> {
  const broker = view.image.brokers.get(silent.brokerId)
  if (broker === undefined || broker.epoch !== silent.brokerEpoch || broker.isFenced) {
    return decided([], { isFenced: false })
  }
  const draft = new Draft(view)
  fence(draft, broker)
  return decided(draft.records(), { isFenced: true })
}
