import { expect, test } from 'vitest'
import { utf8 } from '../../../../src/base/bytes.ts'
import { type ClusterClient } from '../../../../src/engine/client/client.ts'
import { type Consumer, type SubscribeOptions } from '../../../../src/engine/client/consumer.ts'
import { SluiceError } from '../../../../src/engine/client/errors.ts'
import { serde } from '../../../../src/engine/client/serde.ts'
import { onCluster } from './cluster.ts'

/** Fills partition 0 of a new topic with `0`, `1`, … at times 1000, 2000, … */
async function fill(
  client: ClusterClient,
  topic: string,
  count: number,
  partitions = 1,
): Promise<void> {
  await client.admin.createTopic(topic, { partitions })
  const producer = client.producer({ batchBytesMax: 512 })
  const handle = client.topic(topic, { value: serde.string })
  for (let index = 0; index < count; index++) {
    const timestampMs = 1000 * (index + 1)
    await producer.send(handle, { value: String(index), partition: 0, timestampMs })
  }
  await producer.close()
}

async function take(
  consumer: Consumer,
  topic: string,
  count: number,
  options?: SubscribeOptions,
): Promise<readonly number[]> {
  const offsets: number[] = []
  for await (const record of consumer.subscribe(topic, options)) {
    offsets.push(record.offset)
    if (offsets.length === count) break
  }
  return offsets
}

async function codeOf(work: Promise<unknown>): Promise<string | undefined> {
  const outcome = await work.catch((cause: unknown) => cause)
  return outcome instanceof SluiceError ? outcome.code : undefined
}

test('a consumer begins at the beginning, at an offset or at a time', async () => {
  await onCluster(1, async ({ newClient }) => {
    const client = newClient()
    await fill(client, 'starts', 10)
    const consumer = client.consumer()
    expect(await take(consumer, 'starts', 2, { from: 'beginning' })).toEqual([0, 1])
    expect(await take(consumer, 'starts', 2, { from: 7 })).toEqual([7, 8])
    expect(await take(consumer, 'starts', 2, { from: { timestampMs: 4500 } })).toEqual([4, 5])
    await client.close()
  })
})

test('a consumer at the end hears only what comes later', async () => {
  await onCluster(1, async ({ newClient, sleep }) => {
    const client = newClient()
    await fill(client, 'tail', 5)
    const consumer = client.consumer({ from: 'end' })
    const heard = take(consumer, 'tail', 1)
    await sleep(1000)
    await client.producer().send('tail', { value: utf8('news') })
    expect(await heard).toEqual([5])
    await client.close()
  })
})

test('leaving the loop and coming back goes on with the next record, also inside a batch', async () => {
  await onCluster(1, async ({ newClient }) => {
    const client = newClient()
    await client.admin.createTopic('again', { partitions: 1 })
    const producer = client.producer()
    await producer.sendMany(
      'again',
      Array.from({ length: 9 }, () => ({ value: utf8('x') })),
    )
    await producer.close()
    const consumer = client.consumer({ from: 'beginning' })
    expect(await take(consumer, 'again', 4)).toEqual([0, 1, 2, 3])
    expect(consumer.position({ topic: 'again', partition: 0 })).toBe(4)
    expect(await take(consumer, 'again', 5)).toEqual([4, 5, 6, 7, 8])
    expect(consumer.lag({ topic: 'again', partition: 0 })).toBe(0)
    await client.close()
  })
})

test('seek moves a partition, pause holds it, resume lets it go on', async () => {
  await onCluster(1, async ({ newClient, sleep }) => {
    const client = newClient()
    await fill(client, 'moves', 10)
    const consumer = client.consumer({ from: 'beginning' })
    const place = { topic: 'moves', partition: 0 }
    const offsets: number[] = []
    let resumed = false
    for await (const record of consumer.subscribe('moves')) {
      offsets.push(record.offset)
      if (record.offset === 3 && offsets.length === 4) consumer.seek(place, 8)
      if (record.offset === 9 && offsets.length === 6) consumer.seek(place, 'beginning')
      if (offsets.length === 7) {
        consumer.pause()
        sleep(500).then(
          () => {
            resumed = true
            consumer.resume()
          },
          () => undefined,
        )
      }
      if (offsets.length === 8) break
    }
    expect(offsets).toEqual([0, 1, 2, 3, 8, 9, 0, 1])
    expect(resumed).toBe(true)
    await client.close()
  })
})

test('batches hold at most as many records as asked for, and may wait to hold that many', async () => {
  await onCluster(1, async ({ newClient }) => {
    const client = newClient()
    await fill(client, 'cut', 10)
    const consumer = client.consumer({ from: 'beginning' })
    const sizes: number[] = []
    const offsets: number[] = []
    for await (const batch of consumer.batches('cut', { recordCountMax: 4, waitMsMax: 1000 })) {
      const records = [...batch]
      expect(records.map((record) => record.offset)).toEqual([...batch].map(({ offset }) => offset))
      sizes.push(records.length)
      offsets.push(...records.map((record) => record.offset))
      if (offsets.length === 10) break
    }
    expect(sizes).toEqual([4, 4, 2])
    expect(offsets).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    await client.close()
  })
})

test('many partitions across brokers are read whole, each in its order, through the loss of a leader', async () => {
  await onCluster(3, async ({ newClient, cluster, leaderOf, sleep }) => {
    const client = newClient()
    await client.admin.createTopic('spread', { partitions: 7, replicationFactor: 3 })
    const topic = client.topic('spread', { value: serde.string })
    const producer = client.producer()
    const consumer = client.consumer({ from: 'beginning' })
    const read: { partition: number; offset: number; value: string }[] = []
    const reading = (async () => {
      for await (const { partition, offset, value } of consumer.subscribe(topic)) {
        read.push({ partition, offset, value })
        if (new Set(read.map((record) => record.value)).size === 400) break
      }
    })()
    for (let index = 0; index < 400; index += 4) {
      const values = [0, 1, 2, 3].map((more) => ({ value: `value ${index + more}` }))
      await producer.sendMany(topic, values)
      await sleep(5)
      if (index === 200) cluster.stop(await leaderOf(client, 'spread', 3), 'kill')
    }
    await producer.flush()
    await reading
    for (let partition = 0; partition < 7; partition++) {
      const offsets = read.filter((record) => record.partition === partition)
      expect(offsets.map(({ offset }) => offset)).toEqual(offsets.map((_, index) => index))
    }
    await client.close()
  })
})

test('an offset beyond the end is refused by name, and the consumer can be sent elsewhere', async () => {
  await onCluster(1, async ({ newClient }) => {
    const client = newClient()
    await fill(client, 'beyond', 3)
    const consumer = client.consumer()
    expect(await codeOf(take(consumer, 'beyond', 1, { from: 1000 }))).toBe('OFFSET_OUT_OF_RANGE')
    expect(await take(consumer, 'beyond', 1, { from: 'earliest' })).toEqual([0])
    await client.close()
  })
})

test('partitions that are added to a topic read whole are read from their beginning', async () => {
  await onCluster(1, async ({ newClient, sleep }) => {
    const client = newClient()
    await fill(client, 'grows', 1)
    const consumer = client.consumer({ from: 'end' })
    const heard = take(consumer, 'grows', 1)
    await sleep(500)
    await client.admin.createPartitions('grows', 2)
    const producer = client.producer()
    await sleep(500)
    await producer.send('grows', { value: utf8('new'), partition: 1 })
    expect(await heard).toEqual([0])
    expect(consumer.assignment()).toEqual([
      { topic: 'grows', partition: 0 },
      { topic: 'grows', partition: 1 },
    ])
    await client.close()
  })
})

test('a topic that is not there, a partition that is not there and a second loop are refused by name', async () => {
  await onCluster(1, async ({ newClient, sleep }) => {
    const client = newClient()
    await fill(client, 'exists', 1)
    const consumer = client.consumer({ from: 'end' })
    expect(await codeOf(take(consumer, 'missing', 1))).toBe('UNKNOWN_TOPIC_OR_PARTITION')
    expect(await codeOf(take(consumer, 'exists', 1, { partitions: [1] }))).toBe('INVALID_ARGUMENT')
    const abort = new AbortController()
    const first = take(consumer, 'exists', 1, { signal: abort.signal })
    await sleep(100)
    expect(await codeOf(take(consumer, 'exists', 1))).toBe('INVALID_ARGUMENT')
    abort.abort()
    expect(await codeOf(first)).toBe('CANCELLED')
    await client.close()
  })
})

test('closing a consumer ends its loop without an error', async () => {
  await onCluster(1, async ({ newClient, sleep }) => {
    const client = newClient()
    await fill(client, 'quiet', 1)
    const consumer = client.consumer({ from: 'end' })
    const reading = take(consumer, 'quiet', 1)
    await sleep(300)
    await consumer.close()
    await consumer.close()
    expect(await reading).toEqual([])
    expect(await codeOf(take(consumer, 'quiet', 1))).toBe('CLOSED')
    await client.close()
  })
})

test('a value that its serde refuses stops at that record, which can be passed over', async () => {
  await onCluster(1, async ({ newClient }) => {
    const client = newClient()
    await fill(client, 'json', 0)
    const producer = client.producer()
    for (const text of ['{"n":1}', 'not json', '{"n":2}']) {
      await producer.send('json', { value: utf8(text) })
    }
    const topic = client.topic('json', { value: serde.json<{ n: number }>() })
    const consumer = client.consumer({ from: 'beginning' })
    const read: unknown[] = []
    for await (const record of consumer.subscribe(topic)) {
      try {
        read.push(record.value)
      } catch (cause) {
        read.push((cause as SluiceError).code)
      }
      if (read.length === 3) break
    }
    expect(read).toEqual([{ n: 1 }, 'DESERIALIZATION_FAILED', { n: 2 }])
    await client.close()
  })
})

test('a leader that falls silent without hanging up is left for the one that leads then', async () => {
  await onCluster(3, async ({ newClient, cluster, leaderOf, nowMs }) => {
    const client = newClient()
    await client.admin.createTopic('silent', { partitions: 1, replicationFactor: 3 })
    const producer = client.producer()
    await producer.send('silent', { value: utf8('before') })
    const consumer = client.consumer({ from: 'beginning' })
    expect(await take(consumer, 'silent', 1)).toEqual([0])
    const leader = await leaderOf(client, 'silent', 0)
    const others = [...cluster.nodes.map(({ host }) => host), 'client-1', 'client-2', 'client-3']
    for (const host of others) {
      cluster.network.links.cut(leader.host, host)
      cluster.network.links.cut(host, leader.host)
    }
    const startMs = nowMs()
    const heard = take(consumer, 'silent', 1)
    await producer.send('silent', { value: utf8('after') })
    expect(await heard).toEqual([1])
    expect(nowMs() - startMs).toBeLessThan(10_000)
    cluster.network.links.healAll()
    await client.close()
  })
})

test('options out of their words are refused by name and value', async () => {
  await onCluster(1, async ({ newClient }) => {
    const client = newClient()
    // @ts-expect-error -- as JavaScript without types may call it
    expect(() => client.consumer({ from: 'bogus' })).toThrow(/"bogus"/)
    // @ts-expect-error -- the same
    expect(() => client.producer({ acks: 2 })).toThrow(/acks is 2.*'all'/)
    await client.close()
  })
})

test('a record prints as JSON with everything that it holds', async () => {
  await onCluster(1, async ({ newClient }) => {
    const client = newClient()
    await fill(client, 'printed', 1)
    const consumer = client.consumer({ from: 'beginning' })
    const printed: unknown[] = []
    const handle = client.topic('printed', { value: serde.string })
    for await (const record of consumer.subscribe(handle)) {
      printed.push(JSON.parse(JSON.stringify(record)))
      break
    }
    const place = { topic: 'printed', partition: 0, offset: 0, timestampMs: 1000 }
    expect(printed).toEqual([{ ...place, value: '0', headers: [] }])
    await client.close()
    expect(await codeOf(client.admin.listTopics())).toBe('CLOSED')
    expect(() => client.producer()).toThrow(/closed/)
  })
})
