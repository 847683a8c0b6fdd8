/** `message.timestamp.type`, as producers and consumers see it. */
import { expect, test } from 'vitest'
import { utf8 } from '../../../../src/base/bytes.ts'
import { type ClusterClient } from '../../../../src/engine/client/client.ts'
import { onCluster } from './cluster.ts'

const topic = 'timed'

async function timesOf(client: ClusterClient, count: number): Promise<readonly number[]> {
  await using consumer = client.consumer()
  const times: number[] = []
  for await (const record of consumer.subscribe(topic, { from: 'beginning' })) {
    times.push(record.timestampMs)
    if (times.length === count) break
  }
  return times
}

test('LogAppendTime counts from the change on: producers are told it, consumers read it from whoever leads', async () => {
  await onCluster(3, async ({ newClient, cluster, leaderOf, sleep }) => {
    const client = newClient()
    const { admin } = client
    await admin.createTopic(topic, { partitions: 1, replicationFactor: 3 })
    const producer = client.producer({ compression: 'lz4' })
    const send = async (): Promise<number | undefined> => {
      const value = utf8('x'.repeat(200))
      return (await producer.send(topic, { value, timestampMs: 5 })).logAppendTimeMs
    }
    expect(await send()).toBeUndefined()
    const config = { 'message.timestamp.type': 'LogAppendTime' }
    await admin.alterConfig({ type: 'topic', name: topic }, config)
    let count = 1
    let time = await send()
    for (; time === undefined; count++) {
      await sleep(20) // the leader learns of the change by replay
      time = await send()
    }
    const wanted = [...new Array<number>(count).fill(5), time]
    expect(time).toBeGreaterThan(5)
    expect(await timesOf(client, count + 1)).toEqual(wanted)
    cluster.stop(await leaderOf(client, topic, 0), 'kill')
    expect(await timesOf(client, count + 1)).toEqual(wanted)
    const found = { partition: 0, offset: count, timestampMs: time }
    expect(await admin.listOffsets(topic, { type: 'at-time', timestampMs: 6 })).toEqual([found])
    expect(await admin.listOffsets(topic, { type: 'max-timestamp' })).toEqual([found])
    await client.close()
  })
})

test('a consumer begins at the very record of a time, also inside a batch, and else at the end', async () => {
  await onCluster(1, async ({ newClient }) => {
    const client = newClient()
    await client.admin.createTopic(topic, { partitions: 1 })
    const producer = client.producer({ lingerMs: 5 })
    const times = [1000, 4000, 2000, 5000, 3000]
    const sent = times.map(async (timestampMs) =>
      producer.send(topic, { value: utf8('x'), timestampMs }),
    )
    expect((await Promise.all(sent)).map(({ offset }) => offset)).toEqual([0, 1, 2, 3, 4])
    await using consumer = client.consumer()
    const firstFrom = async (timestampMs: number): Promise<number | undefined> => {
      for await (const record of consumer.subscribe(topic, { from: { timestampMs } }))
        return record.offset
      return undefined
    }
    expect([await firstFrom(1001), await firstFrom(4001), await firstFrom(0)]).toEqual([1, 3, 0])
    const heard: (number | undefined)[] = []
    const late = firstFrom(6000).then((offset) => heard.push(offset))
    while (heard.length === 0) await producer.send(topic, { value: utf8('y'), timestampMs: 10 })
    await late
    expect(heard[0]).toBeGreaterThanOrEqual(5)
    await client.close()
  })
})
