import { expect, test } from 'vitest'
import { partitionOfKey } from '../../../../src/core/client/murmur2.ts'
import { utf8 } from '../../../../src/base/bytes.ts'
import { type ClusterClient } from '../../../../src/engine/client/client.ts'
import { SluiceError } from '../../../../src/engine/client/errors.ts'
import { serde } from '../../../../src/engine/client/serde.ts'
import { onCluster } from './cluster.ts'

async function errorOf(work: Promise<unknown>): Promise<SluiceError> {
  const outcome = await work.catch((cause: unknown) => cause)
  expect(outcome).toBeInstanceOf(SluiceError)
  return outcome as SluiceError
}

async function readAll(
  client: ClusterClient,
  topic: string,
  count: number,
): Promise<readonly string[]> {
  const consumer = client.consumer({ from: 'beginning' })
  const values: string[] = []
  for await (const record of consumer.subscribe(client.topic(topic, { value: serde.string }))) {
    values.push(record.value)
    if (values.length === count) break
  }
  await consumer.close()
  return values
}

test('a record that was sent is read back where its result says, as it was', async () => {
  await onCluster(1, async ({ newClient }) => {
    const client = newClient()
    await client.admin.createTopic('orders', { partitions: 3 })
    const orders = client.topic('orders', { key: serde.string, value: serde.json<{ n: number }>() })
    const producer = client.producer()
    const sent = await producer.send(orders, {
      key: 'k',
      value: { n: 7 },
      headers: { trace: 'abc', none: undefined },
      timestampMs: 1234,
    })
    expect(sent).toEqual({ partition: partitionOfKey(utf8('k'), 3), offset: 0 })
    const consumer = client.consumer({ from: 'beginning' })
    for await (const record of consumer.subscribe(orders)) {
      expect([record.topic, record.partition, record.offset]).toEqual(['orders', sent.partition, 0])
      expect([record.key, record.value, record.timestampMs]).toEqual(['k', { n: 7 }, 1234])
      expect(record.headers.map(({ name, value }) => [name, value?.length])).toEqual([
        ['trace', 3],
        ['none', undefined],
      ])
      break
    }
    await client.close()
  })
})

test('sends of one partition keep their order, whatever shares their batches', async () => {
  await onCluster(1, async ({ newClient }) => {
    const client = newClient()
    await client.admin.createTopic('one', { partitions: 1 })
    const topic = client.topic('one', { value: serde.string })
    const producer = client.producer({ batchBytesMax: 600, lingerMs: 0 })
    const values = Array.from({ length: 300 }, (_, index) => `value ${index}`)
    const results = await Promise.all(values.map(async (value) => producer.send(topic, { value })))
    expect(results.map(({ offset }) => offset)).toEqual(values.map((_, index) => index))
    expect(await readAll(client, 'one', 300)).toEqual(values)
    await client.close()
  })
})

test('sendMany and flush lose and double nothing, over many partitions and a small buffer', async () => {
  await onCluster(1, async ({ newClient }) => {
    const client = newClient()
    await client.admin.createTopic('many', { partitions: 5 })
    const topic = client.topic('many', { value: serde.string })
    const producer = client.producer({ bufferBytesMax: 100_000, batchBytesMax: 4000 })
    const values = Array.from({ length: 5000 }, (_, index) => `${index}:${'x'.repeat(index % 200)}`)
    for (let at = 0; at < values.length; at += 500) {
      await producer.sendMany(
        topic,
        values.slice(at, at + 500).map((value) => ({ value })),
      )
      expect(producer.bufferedBytes).toBeLessThanOrEqual(100_000)
    }
    await producer.flush()
    expect(producer.bufferedBytes).toBe(0)
    const read = await readAll(client, 'many', values.length)
    expect(read.toSorted()).toEqual(values.toSorted())
    await client.close()
  })
})

test('every codec goes through', async () => {
  await onCluster(1, async ({ newClient }) => {
    const client = newClient()
    for (const compression of ['gzip', 'snappy', 'lz4', 'zstd'] as const) {
      await client.admin.createTopic(compression, { partitions: 1 })
      const producer = client.producer({ compression, batchBytesMax: 2000 })
      const topic = client.topic(compression, { value: serde.string })
      const values = Array.from({ length: 200 }, (_, index) => `${compression} ${index}`)
      await producer.sendMany(
        topic,
        values.map((value) => ({ value })),
      )
      await producer.close()
      expect(await readAll(client, compression, 200)).toEqual(values)
    }
    await client.close()
  })
})

test('records sent while their leader is killed are written in order by the next one, none lost', async () => {
  await onCluster(3, async ({ newClient, cluster, leaderOf, sleep }) => {
    const client = newClient()
    await client.admin.createTopic('safe', { partitions: 1, replicationFactor: 3 })
    const topic = client.topic('safe', { value: serde.string })
    const producer = client.producer()
    const sent: Promise<unknown>[] = []
    for (let index = 0; index < 100; index++) {
      sent.push(producer.send(topic, { value: `value ${index}` }))
      await sleep(10)
      if (index === 30) cluster.stop(await leaderOf(client, 'safe', 0), 'kill')
    }
    await Promise.all(sent)
    const read = new Set(await readAll(client, 'safe', 100))
    expect([...read]).toEqual(Array.from({ length: 100 }, (_, index) => `value ${index}`))
    await client.close()
  })
})

test('a topic that is not there is said so within seconds, and the producer goes on', async () => {
  await onCluster(1, async ({ newClient, nowMs }) => {
    const client = newClient()
    const producer = client.producer()
    await client.admin.createTopic('there')
    const startMs = nowMs()
    const error = await errorOf(producer.send('not-there', { value: utf8('x') }))
    expect([error.code, error.outcome]).toEqual(['UNKNOWN_TOPIC_OR_PARTITION', 'refused'])
    expect(nowMs() - startMs).toBeLessThan(5000)
    expect((await producer.send('there', { value: utf8('x') })).offset).toBe(0)
    await client.close()
  })
})

test('a bootstrap address where nobody listens is said so', async () => {
  await onCluster(1, async ({ newClient, nowMs }) => {
    const client = newClient({ bootstrap: 'node-1:1', connectTimeoutMs: 2000 })
    const error = await errorOf(client.producer().send('any', { value: utf8('x') }))
    expect([error.code, error.outcome]).toEqual(['BROKER_UNREACHABLE', 'refused'])
    expect(error.message).toContain('node-1:1')
    expect(nowMs()).toBeLessThan(10_000)
    await client.close()
  })
})

test('what no broker takes within the delivery time fails, and says whether it may have happened', async () => {
  await onCluster(1, async ({ newClient, cluster, nowMs }) => {
    const client = newClient()
    await client.admin.createTopic('late', { partitions: 1 })
    const producer = client.producer({ deliveryTimeoutMs: 3000 })
    await producer.send('late', { value: utf8('in time') })
    for (const node of cluster.nodes) cluster.stop(node, 'kill')
    const startMs = nowMs()
    const error = await errorOf(producer.send('late', { value: utf8('late') }))
    expect(['TIMED_OUT', 'BROKER_UNREACHABLE']).toContain(error.code)
    expect(nowMs() - startMs).toBeLessThan(5000)
    const lost = producer.sendMany('late', [{ value: utf8('a') }, { value: utf8('b') }])
    await lost
    expect((await errorOf(producer.flush())).message).toContain('2 records')
    await client.close()
  })
})

test('a record larger than the topic takes is refused; others of its batch are not', async () => {
  await onCluster(1, async ({ newClient }) => {
    const client = newClient()
    await client.admin.createTopic('small', {
      partitions: 1,
      config: { 'max.message.bytes': '2000' },
    })
    const producer = client.producer()
    const sizes = [1500, 100, 5000, 200, 1800, 300]
    const outcomes = await Promise.all(
      sizes.map(async (size) =>
        producer.send('small', { value: new Uint8Array(size) }).then(
          ({ offset }) => offset,
          (cause: unknown) => (cause as SluiceError).code,
        ),
      ),
    )
    expect(outcomes).toEqual([0, 1, 'MESSAGE_TOO_LARGE', 2, 3, 4])
    await client.close()
  })
})

test('calls beyond the bound on waiting fail at once, the others are written', async () => {
  await onCluster(1, async ({ newClient }) => {
    const client = newClient()
    await client.admin.createTopic('full', { partitions: 1 })
    const producer = client.producer({ bufferBytesMax: 16_384, waitingCountMax: 3 })
    await producer.send('full', { value: new Uint8Array(1) })
    const value = new Uint8Array(10_000)
    const outcomes = await Promise.all(
      Array.from({ length: 8 }, async () =>
        producer.send('full', { value }).then(
          () => 'written',
          (cause: unknown) => (cause as SluiceError).code,
        ),
      ),
    )
    expect(outcomes.filter((outcome) => outcome === 'BUFFER_FULL')).toHaveLength(4)
    expect(outcomes.filter((outcome) => outcome === 'written')).toHaveLength(4)
    await client.close()
  })
})

test('closing sends what is left; afterwards calls are refused; closing twice is fine', async () => {
  await onCluster(1, async ({ newClient }) => {
    const client = newClient()
    await client.admin.createTopic('end', { partitions: 2 })
    const producer = client.producer({ lingerMs: 1000 })
    const sent = producer.send('end', { value: utf8('last') })
    await producer.close()
    await producer.close()
    expect((await sent).offset).toBe(0)
    expect((await errorOf(producer.send('end', { value: utf8('x') }))).code).toBe('CLOSED')
    await client.close()
    await client.close()
    expect(() => client.producer()).toThrow(SluiceError)
  })
})

test('a flush ends when what it waits for fails before it was handed over', async () => {
  await onCluster(1, async ({ newClient, nowMs }) => {
    const client = newClient()
    const producer = client.producer()
    const sent = errorOf(producer.send('nowhere', { value: utf8('x') }))
    const startMs = nowMs()
    await producer.flush()
    expect((await sent).code).toBe('UNKNOWN_TOPIC_OR_PARTITION')
    expect(nowMs() - startMs).toBeLessThan(5000)
    await client.close()
  })
})

test('closing with a limit fails what is left by name, and says whether it may have been written', async () => {
  await onCluster(1, async ({ newClient, cluster, sleep }) => {
    const client = newClient()
    await client.admin.createTopic('left', { partitions: 1 })
    const producer = client.producer()
    await producer.send('left', { value: utf8('x') })
    for (const node of cluster.nodes) cluster.stop(node, 'kill')
    const first = producer.send('left', { value: utf8('y') })
    await sleep(1000)
    const second = producer.send('left', { value: utf8('z') })
    const closing = errorOf(producer.close({ timeoutMs: 500 }))
    const errors = await Promise.all([errorOf(first), errorOf(second)])
    expect(errors.map(({ code }) => code)).toEqual(['CLOSED', 'CLOSED'])
    expect(errors[1].outcome).toBe('refused')
    expect((await closing).code).toBe('TIMED_OUT')
    await client.close()
  })
})

test('arguments that make no sense are refused by name', async () => {
  await onCluster(1, async ({ newClient }) => {
    const client = newClient()
    await client.admin.createTopic('args', { partitions: 2 })
    const producer = client.producer()
    const value = utf8('x')
    const partition = await errorOf(producer.send('args', { value, partition: 2 }))
    expect([partition.code, partition.message]).toEqual([
      'INVALID_ARGUMENT',
      'topic args has partitions 0 to 1, not 2',
    ])
    const time = await errorOf(producer.send('args', { value, timestampMs: 0.5 }))
    expect(time.code).toBe('INVALID_ARGUMENT')
    const circular: { self?: unknown } = {}
    circular.self = circular
    const topic = client.topic('args', { value: serde.json<object>() })
    const json = await errorOf(producer.send(topic, { value: circular }))
    expect(json.code).toBe('SERIALIZATION_FAILED')
    expect(() => client.producer({ lingerMs: -1 })).toThrow('lingerMs')
    expect(() => newClient({ bootstrap: 'a:b' })).toThrow('not an address')
    await client.close()
  })
})

test('a send whose signal aborts ends at once and may still happen', async () => {
  await onCluster(1, async ({ newClient, cluster }) => {
    const client = newClient()
    await client.admin.createTopic('stop', { partitions: 1 })
    const producer = client.producer()
    await producer.send('stop', { value: utf8('x') })
    for (const node of cluster.nodes) cluster.stop(node, 'kill')
    const abort = new AbortController()
    const sent = producer.send('stop', { value: utf8('y') }, { signal: abort.signal })
    abort.abort()
    const error = await errorOf(sent)
    expect([error.code, error.outcome]).toEqual(['CANCELLED', 'unknown'])
    await producer.close({ timeoutMs: 100 }).catch(() => undefined)
    await client.close()
  })
})
