/** Arbitrary requests and responses about producer ids. */
import fc from 'fast-check'
import { brokerEpoch, nodeId } from '../../../../src/base/id.ts'
import { type Apis } from '../../../../src/core/api/apis.ts'

const identity = fc.record({ producerId: fc.maxSafeNat(), producerEpoch: fc.nat(32_767) })

type Arbitraries<A extends keyof Apis> = {
  readonly [Api in A]: {
    readonly request: fc.Arbitrary<Apis[Api]['request']>
    readonly response: fc.Arbitrary<Apis[Api]['response']>
  }
}

/** By operation. */
export const producerIdApis: Arbitraries<'init-producer-id' | 'allocate-producer-ids'> = {
  'init-producer-id': {
    request: fc.record({ current: identity }, { requiredKeys: [] }),
    response: identity,
  },
  'allocate-producer-ids': {
    request: fc.record({
      brokerId: fc.nat(0x7fffffff).map(nodeId),
      brokerEpoch: fc.maxSafeNat().map(brokerEpoch),
    }),
    response: fc.record({ firstProducerId: fc.maxSafeNat(), producerIdCount: fc.nat(0x7fffffff) }),
  },
}
