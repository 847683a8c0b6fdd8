import { expect, test } from 'vitest'
import { clusterId, incarnationId, nodeId, offset, topicId } from '../../../../src/base/id.ts'
import { partitionIndex, epoch } from '../../../../src/base/id.ts'
import { type RegisterBrokerRequest } from '../../../../src/core/api/register-broker.ts'
import { Clerk, idOf } from '../../../golden/controller/clerk.ts'

function requestOf(changes: Partial<RegisterBrokerRequest>): RegisterBrokerRequest {
  return {
    brokerId: nodeId(1),
    clusterId: clusterId(idOf('cluster')),
    incarnationId: incarnationId(idOf('life')),
    endpoints: [{ listener: 'CLIENT', host: 'h', port: 1 }],
    features: [{ name: 'metadata.version', min: 1, max: 1 }],
    directories: [
      {
        directoryId: idOf('dir') as never,
        wasClean: true,
        uncleanLogs: [],
        mayMissLogs: false,
      },
    ],
    hasUnopenedDirectory: false,
    ...changes,
  }
}

test('a broker epoch is the offset of the registration, and a retry gets the same', () => {
  const clerk = new Clerk()
  const first = clerk.ask('register-broker', requestOf({}))
  expect(first).toEqual({ ok: true, value: { brokerEpoch: 1 } })
  const retry = clerk.ask('register-broker', requestOf({}))
  expect(retry).toEqual(first)
  expect(clerk.records()).toEqual([])
})

test('a broker of another cluster, without directories or of another time is refused', () => {
  const clerk = new Clerk()
  const codeOf = (changes: Partial<RegisterBrokerRequest>): string => {
    const outcome = clerk.ask('register-broker', requestOf(changes))
    return outcome.ok ? 'ok' : outcome.code
  }
  expect(codeOf({ clusterId: clusterId(idOf('other')) })).toBe('INCONSISTENT_CLUSTER_ID')
  expect(codeOf({ directories: [] })).toBe('INVALID_REQUEST')
  expect(codeOf({ endpoints: [] })).toBe('INVALID_REQUEST')
  expect(codeOf({ features: [{ name: 'metadata.version', min: 2, max: 3 }] })).toBe(
    'UNSUPPORTED_VERSION',
  )
})

test('requests of an earlier incarnation are refused by its epoch', () => {
  const clerk = new Clerk()
  clerk.bringUp(1)
  const before = clerk.image().brokers.get(nodeId(1))
  clerk.register(1)
  const heartbeat = clerk.ask('broker-heartbeat', {
    brokerId: nodeId(1),
    brokerEpoch: before?.epoch ?? (0 as never),
    metadataOffset: clerk.image().offset,
    wantsFence: false,
    wantsShutdown: false,
    waitMsMax: 0,
    offlineDirectoryIds: [],
    movedReplicas: [],
  })
  expect(heartbeat).toMatchObject({ ok: false, code: 'STALE_BROKER_EPOCH' })
  expect(clerk.heartbeat(7)).toMatchObject({ ok: false, code: 'BROKER_ID_NOT_REGISTERED' })
})

test('a heartbeat that changes nothing writes nothing', () => {
  const clerk = new Clerk()
  clerk.bringUp(1)
  expect(clerk.heartbeat(1)).toEqual({
    ok: true,
    value: { isCaughtUp: true, isFenced: false, mayShutdown: false },
  })
  expect(clerk.records()).toEqual([])
})

test('a fenced broker is unfenced only when it has applied its own fencing', () => {
  const clerk = new Clerk()
  clerk.bringUp(1)
  const { offset: before } = clerk.image()
  clerk.fence(1)
  expect(clerk.heartbeat(1, { applied: before })).toMatchObject({ value: { isFenced: true } })
  expect(clerk.heartbeat(1)).toMatchObject({ value: { isFenced: false } })
})

test('a fence for silence misses a broker that came back under another epoch', () => {
  const clerk = new Clerk()
  clerk.bringUp(1)
  clerk.fence(1)
  expect(clerk.fence(1)).toEqual({ ok: true, value: { isFenced: false } })
  expect(clerk.records()).toEqual([])
})

test('an unclean log leaves ISR and ELR in the batch of the registration', () => {
  const clerk = new Clerk()
  clerk.bringUp(1, 2, 3)
  clerk.create('t', { assignments: [[1, 2, 3]] })
  clerk.alter('t', 0, { isr: [1] })
  expect(clerk.partition('t', 0)).toMatchObject({ isr: [1], elr: [2, 3] })
  clerk.register(2, {
    uncleanLogs: [
      {
        topicId: clerk.image().topicIds.get('t') ?? topicId(idOf('none')),
        partition: partitionIndex(0),
        reason: 'corrupt',
        lastEpoch: epoch(0),
        endOffset: offset(3),
      },
    ],
  })
  expect(clerk.partition('t', 0)).toMatchObject({ isr: [1], elr: [3], lastKnownElr: [2] })
})

test('a broker without an online directory gets no replicas', () => {
  const clerk = new Clerk()
  clerk.bringUp(1, 2)
  clerk.heartbeat(2, { offline: ['dir2'] })
  expect(clerk.create('t', { partitions: 1, replication: 2 })).toMatchObject({
    value: { topics: [{ error: { code: 'INVALID_REPLICATION_FACTOR' } }] },
  })
})
