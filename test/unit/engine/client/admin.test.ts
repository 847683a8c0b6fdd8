import { expect, test } from 'vitest'
import { utf8 } from '../../../../src/base/bytes.ts'
import { SluiceError } from '../../../../src/engine/client/errors.ts'
import { onCluster } from './cluster.ts'

async function codeOf(work: Promise<unknown>): Promise<string | undefined> {
  const outcome = await work.catch((cause: unknown) => cause)
  return outcome instanceof SluiceError ? outcome.code : undefined
}

test('a topic is created, listed, described, given more partitions and deleted', async () => {
  await onCluster(3, async ({ newClient }) => {
    const client = newClient()
    const { admin } = client
    const created = await admin.createTopic('orders', {
      partitions: 2,
      replicationFactor: 3,
      config: { 'retention.ms': '604800000' },
    })
    expect(created.isNew).toBe(true)
    await client.producer().send('orders', { value: utf8('x'), partition: 1 })
    const described = await admin.describeTopic('orders')
    expect(described).toMatchObject({ name: 'orders', id: created.id })
    expect(described.config).toEqual({ 'retention.ms': '604800000' })
    expect(described.partitions.map(({ highWatermark }) => highWatermark)).toEqual([0, 1])
    expect(described.partitions[0]?.isr).toHaveLength(3)
    await admin.createPartitions('orders', 4)
    const [summary] = await admin.listTopics()
    expect(summary).toMatchObject({ name: 'orders', partitionCount: 4, replicationFactor: 3 })
    await admin.deleteTopic('orders')
    expect(await admin.listTopics()).toEqual([])
    await client.close()
  })
})

test('refusals carry the code of whoever refused', async () => {
  await onCluster(1, async ({ newClient }) => {
    const { admin } = newClient()
    await admin.createTopic('taken')
    expect(await codeOf(admin.createTopic('taken'))).toBe('TOPIC_ALREADY_EXISTS')
    expect((await admin.createTopic('taken', { ifNotExists: true })).isNew).toBe(false)
    expect(await codeOf(admin.createTopic('bad name!'))).toBe('INVALID_TOPIC_EXCEPTION')
    expect(await codeOf(admin.createTopic('none', { partitions: 0 }))).toBe('INVALID_PARTITIONS')
    expect(await codeOf(admin.createTopic('many', { replicationFactor: 2 }))).toBe(
      'INVALID_REPLICATION_FACTOR',
    )
    expect(await codeOf(admin.describeTopic('missing'))).toBe('UNKNOWN_TOPIC_OR_PARTITION')
    expect(await codeOf(admin.deleteTopic('missing'))).toBe('UNKNOWN_TOPIC_OR_PARTITION')
  })
})

test('configs are set, read with their source, and unset', async () => {
  await onCluster(1, async ({ newClient, sleep }) => {
    const { admin } = newClient()
    await admin.createTopic('tuned')
    const topic = { type: 'topic', name: 'tuned' } as const
    const find = async (): Promise<readonly [string, string] | undefined> => {
      await sleep(200) // the broker that answers learns of the change by replay
      const entry = (await admin.describeConfig(topic)).find(
        ({ key }) => key === 'max.message.bytes',
      )
      return entry && [entry.value, entry.source]
    }
    await admin.alterConfig(topic, { 'max.message.bytes': '4096' })
    expect(await find()).toEqual(['4096', 'topic'])
    await admin.alterConfig(topic, { 'max.message.bytes': undefined })
    expect((await find())?.[1]).not.toBe('topic')
    expect(await codeOf(admin.alterConfig(topic, { 'no.such.key': '1' }))).toBe('INVALID_CONFIG')
  })
})

test('offsets are told by start, end and time', async () => {
  await onCluster(1, async ({ newClient }) => {
    const client = newClient()
    await client.admin.createTopic('timed', { partitions: 1 })
    const producer = client.producer()
    for (const timestampMs of [1000, 2000, 3000]) {
      await producer.send('timed', { value: utf8('x'), timestampMs })
    }
    const ask = async (
      question: Parameters<typeof client.admin.listOffsets>[1],
    ): Promise<number | undefined> => (await client.admin.listOffsets('timed', question))[0]?.offset
    expect(await ask({ type: 'earliest' })).toBe(0)
    expect(await ask({ type: 'latest' })).toBe(3)
    expect(await ask({ type: 'at-time', timestampMs: 1500 })).toBe(1)
    expect(await ask({ type: 'at-time', timestampMs: 9000 })).toBeUndefined()
    expect(await client.admin.listOffsets('timed', { type: 'max-timestamp' })).toEqual([
      { partition: 0, offset: 2, timestampMs: 3000 },
    ])
    await client.close()
  })
})

test('cluster and quorum are described, also after the active controller is gone', async () => {
  await onCluster(3, async ({ newClient, cluster, sleep }) => {
    const { admin } = newClient()
    const before = await admin.describeQuorum()
    expect(before.voters.map(({ nodeId }) => nodeId).toSorted()).toEqual([1, 2, 3])
    const active = cluster.nodes.find(({ planned }) => planned.id === before.leaderId)
    if (active !== undefined) cluster.stop(active, 'kill')
    const after = await admin.describeQuorum({ timeoutMs: 60_000 })
    expect(after.leaderId).not.toBe(before.leaderId)
    await sleep(3000)
    const { brokers } = await admin.describeCluster()
    expect(brokers.filter(({ isFenced }) => isFenced).map(({ id }) => id)).toEqual([
      before.leaderId,
    ])
  })
})
