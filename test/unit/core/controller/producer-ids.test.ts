import { expect, test } from 'vitest'
import { brokerEpoch, nodeId } from '../../../../src/base/id.ts'
import { present } from '../../../../src/base/assert.ts'
import { Clerk } from '../../../golden/controller/clerk.ts'

test('each block of producer ids goes to one broker, once', () => {
  const clerk = new Clerk()
  clerk.bringUp(1, 2)
  const firsts = [1, 2, 1].map((id) => {
    const broker = present(clerk.image().brokers.get(nodeId(id)), 'a broker')
    const request = { brokerId: broker.id, brokerEpoch: broker.epoch }
    const outcome = clerk.ask('allocate-producer-ids', request)
    return outcome.ok ? outcome.value : outcome.code
  })
  expect(firsts).toEqual([
    { firstProducerId: 0, producerIdCount: 1000 },
    { firstProducerId: 1000, producerIdCount: 1000 },
    { firstProducerId: 2000, producerIdCount: 1000 },
  ])
  expect(clerk.image().nextProducerId).toBe(3000)
})

test('a broker that is not registered, or was, gets no producer ids', () => {
  const clerk = new Clerk()
  clerk.bringUp(1)
  const ask = (id: number): unknown =>
    clerk.ask('allocate-producer-ids', { brokerId: nodeId(id), brokerEpoch: brokerEpoch(9999) })
  expect(ask(1)).toMatchObject({ code: 'STALE_BROKER_EPOCH' })
  expect(ask(7)).toMatchObject({ code: 'BROKER_ID_NOT_REGISTERED' })
})
