/** Takes a broker out of ISRs and leaderships, whatever the reason: the draft already says why it may not stay. */
import {
  type BrokerRegistration,
  type PartitionRegistration,
  type TopicImage,
} from '../../metadata/image/image.ts'
import { type Draft } from '../decision.ts'
import { planChange } from '../replication/plan-change.ts'
import { partitionsWhere } from '../replication/partitions.ts'

/** Fences a broker: it leads nothing and is in no ISR from here on (KIP-841). */
export function fence(draft: Draft, broker: BrokerRegistration): void {
  const { id, epoch } = broker
  draft.add([
    {
      type: 'broker-registration-change',
      brokerId: id,
      brokerEpoch: epoch,
      isFenced: true,
      ...(broker.inControlledShutdown && { inControlledShutdown: false }),
    },
  ])
  leaveIsrs(draft, broker)
}

/** Replans every partition with this broker in the ISR, as its registration in the draft now says. */
export function leaveIsrs(draft: Draft, broker: BrokerRegistration): void {
  replan(draft, ({ isr }) => isr.includes(broker.id))
}

/** Elects leaders where there was none and this broker, now active, is a replica. */
export function fillVacancies(draft: Draft, broker: BrokerRegistration): void {
  replan(draft, ({ leader, replicas }) => leader === undefined && replicas.includes(broker.id))
}

/** Brings the partitions that match in line with the draft: who may be in the ISR, who leads. */
export function replan(
  draft: Draft,
  matches: (partition: PartitionRegistration, topic: TopicImage) => boolean,
): void {
  const view = draft.view()
  const changes = partitionsWhere(view.image, matches).map((place) => planChange(view, place, {}))
  draft.add(changes.filter((change) => change !== undefined))
}
