import { expect, test } from 'vitest'
import { concatBytes } from '../../../../src/base/bytes.ts'
import { type PartitionProduced } from '../../../../src/core/api/produce.ts'
import { BatchWriter } from '../../../../src/core/record/batch-writer.ts'
import { offsetsOf, onBrokers } from './stage.ts'

/** A batch of one record a sequence, from `baseSequence` on. */
function numbered(baseSequence: number, count = 1, epoch = 0, id = 5): Uint8Array {
  return batchOf(baseSequence, Array.from({ length: count }), { epoch, id })
}

function batchOf(
  baseSequence: number,
  values: readonly (Uint8Array | undefined)[],
  { epoch, id } = { epoch: 0, id: 5 },
): Uint8Array {
  const bytesMax = values.reduce((sum, value) => sum + (value?.length ?? 0), 1000)
  const writer = new BatchWriter(new Uint8Array(bytesMax), 0, bytesMax)
  for (const value of values) writer.append(undefined, value, 1)
  const length = writer.seal({ producer: { id, epoch, baseSequence } })
  return writer.bytes.slice(0, length)
}

test('every producer that asks any broker gets an id of its own', async () => {
  await onBrokers(3, async (stage) => {
    const ids: number[] = []
    for (const id of [1, 2, 3, 1, 2]) {
      const outcome = await stage.ask(id, 'init-producer-id', {})
      expect(outcome).toMatchObject({ ok: true, value: { producerEpoch: 0 } })
      if (outcome.ok) ids.push(outcome.value.producerId)
    }
    expect(new Set(ids).size).toBe(5)
  })
})

test('a producer that asks for its next epoch keeps its id until the epochs are used up', async () => {
  await onBrokers(1, async (stage) => {
    const current = { producerId: 7, producerEpoch: 3 }
    expect(await stage.ask(1, 'init-producer-id', { current })).toMatchObject({
      value: { producerId: 7, producerEpoch: 4 },
    })
    const last = { producerId: 7, producerEpoch: 32_767 }
    expect(await stage.ask(1, 'init-producer-id', { current: last })).toMatchObject({
      value: { producerId: 0, producerEpoch: 0 },
    })
  })
})

test('a run that comes again is answered with its offset and appended once', async () => {
  await onBrokers(1, async (stage) => {
    const id = await stage.topic('t', [1])
    await stage.produce(1, id)
    const run = concatBytes([numbered(0, 2), numbered(2, 3)])
    expect(await stage.produce(1, id, { bytes: run })).toMatchObject({ baseOffset: 1 })
    expect(await stage.produce(1, id, { bytes: run })).toMatchObject({ baseOffset: 1 })
    expect(await stage.produce(1, id, { bytes: numbered(2, 3) })).toMatchObject({ baseOffset: 3 })
    expect(offsetsOf(await stage.fetch(1, id))).toEqual([0, 1, 3])
  })
})

test('a run that comes again under LogAppendTime is answered with its first time', async () => {
  await onBrokers(1, async (stage) => {
    const id = await stage.topic('t', [1], { 'message.timestamp.type': 'LogAppendTime' })
    const first = await stage.produce(1, id, { bytes: numbered(0, 2) })
    await stage.sleep(1000)
    expect(await stage.produce(1, id, { bytes: numbered(0, 2) })).toEqual(first)
    const next = await stage.produce(1, id, { bytes: numbered(2) })
    expect(next).not.toHaveProperty('error')
    expect(next).not.toMatchObject({
      logAppendTimeMs: (first as PartitionProduced).logAppendTimeMs,
    })
    expect(offsetsOf(await stage.fetch(1, id))).toEqual([0, 2])
  })
})

test('two copies that arrive at once, before either is durable, are appended once', async () => {
  await onBrokers(3, async (stage) => {
    const id = await stage.topic('t', [1, 2, 3])
    const answers = await Promise.all([
      stage.produce(1, id, { bytes: numbered(0, 2) }),
      stage.produce(1, id, { bytes: numbered(0, 2) }),
    ])
    expect(answers).toMatchObject([{ baseOffset: 0 }, { baseOffset: 0 }])
    expect(answers.map(({ error }) => error)).toEqual([undefined, undefined])
    expect(stage.replica(1, 't')?.log.endOffset()).toBe(2)
  })
})

test('a copy of what is not committed yet is not acknowledged either', async () => {
  await onBrokers(3, async (stage) => {
    const id = await stage.topic('t', [1, 2], { 'min.insync.replicas': '2' })
    stage.cluster.stop(stage.node(2), 'kill')
    const timeoutMs = 500
    const first = await stage.produce(1, id, { bytes: numbered(0), timeoutMs })
    expect(first.error).toBeDefined()
    const again = await stage.produce(1, id, { bytes: numbered(0), timeoutMs })
    expect(again.error).toBeDefined()
    expect(stage.replica(1, 't')?.log.endOffset()).toBe(1)
  })
})

test('a gap, an old epoch and batches that do not follow each other are refused', async () => {
  await onBrokers(1, async (stage) => {
    const id = await stage.topic('t', [1])
    const code = async (bytes: Uint8Array): Promise<unknown> =>
      (await stage.produce(1, id, { bytes })).error?.code
    expect(await code(numbered(1))).toBe('OUT_OF_ORDER_SEQUENCE_NUMBER')
    expect(await code(numbered(0, 1, 2))).toBeUndefined()
    expect(await code(numbered(2, 1, 2))).toBe('OUT_OF_ORDER_SEQUENCE_NUMBER')
    expect(await code(numbered(0, 1, 1))).toBe('INVALID_PRODUCER_EPOCH')
    expect(await code(numbered(0, 1, 3))).toBeUndefined()
    const torn = concatBytes([numbered(1, 1, 3), numbered(3, 1, 3)])
    expect(await code(torn)).toBe('INVALID_RECORD')
    expect(stage.replica(1, 't')?.log.endOffset()).toBe(2)
  })
})

test('the next leader knows what the one before had appended', async () => {
  await onBrokers(3, async (stage) => {
    const id = await stage.topic('t', [1, 2, 3])
    for (const sequence of [0, 1, 2]) await stage.produce(1, id, { bytes: numbered(sequence) })
    stage.cluster.stop(stage.node(1), 'kill')
    await stage.until(() => [2, 3].some((node) => stage.replica(node, 't')?.state.leader()))
    const leader = stage.replica(2, 't')?.state.leader() === undefined ? 3 : 2
    expect(await stage.produce(leader, id, { bytes: numbered(1) })).toMatchObject({ baseOffset: 1 })
    expect(await stage.produce(leader, id, { bytes: numbered(3) })).toMatchObject({ baseOffset: 3 })
  })
})

for (const how of ['kill', 'power-loss'] as const)
  test(`a broker that comes back after ${how} knows its producers, with a snapshot and without`, async () => {
    await onBrokers(1, async (stage) => {
      const id = await stage.topic('t', [1])
      await stage.produce(1, id, { bytes: numbered(0) })
      await stage.produce(1, id, { bytes: batchOf(1, [new Uint8Array(100_000)]) })
      await stage.sleep(3000) // a snapshot is taken meanwhile, and the log is settled that far
      await stage.produce(1, id, { bytes: numbered(2) })
      await stage.sleep(3000) // of this one the journal alone knows
      stage.cluster.stop(stage.node(1), how)
      stage.cluster.start(stage.node(1))
      await stage.until(() => stage.replica(1, 't')?.producers.isCurrent() === true)
      await stage.until(() => stage.replica(1, 't')?.state.leader() !== undefined)
      await stage.until(() => stage.node(1).node?.status().broker?.state === 'running')
      expect(stage.replica(1, 't')?.log.producersSnapshot()?.endOffset).toBe(2)
      expect(await stage.produce(1, id, { bytes: numbered(0) })).toMatchObject({ baseOffset: 0 })
      expect(await stage.produce(1, id, { bytes: numbered(2) })).toMatchObject({ baseOffset: 2 })
      expect(await stage.produce(1, id, { bytes: numbered(3) })).toMatchObject({ baseOffset: 3 })
    })
  })

test('a snapshot of very many producers is not taken again for a few bytes', async () => {
  await onBrokers(1, async (stage) => {
    const id = await stage.topic('t', [1])
    for (let producer = 0; producer < 100; producer++)
      await stage.produce(1, id, { bytes: numbered(0, 1, 0, producer) })
    const log = stage.replica(1, 't')?.log
    await stage.until(() => log?.producersSnapshot()?.endOffset === 100)
    await stage.produce(1, id, { bytes: numbered(0, 1, 0, 100) })
    await stage.sleep(3000)
    expect(log?.producersSnapshot()?.endOffset).toBe(100)
    await stage.produce(1, id, { bytes: batchOf(1, [new Uint8Array(30_000)]) })
    await stage.sleep(3000)
    expect(log?.producersSnapshot()?.endOffset).toBe(102)
  })
})

test('a producer that writes nothing for producer.id.expiration.ms is forgotten, and may go on where it is', async () => {
  await onBrokers(
    1,
    async (stage) => {
      const id = await stage.topic('t', [1])
      const code = async (bytes: Uint8Array): Promise<unknown> =>
        (await stage.produce(1, id, { bytes })).error?.code
      await stage.produce(1, id, { bytes: numbered(0) })
      await stage.sleep(15_000)
      expect(await code(numbered(7))).toBe('OUT_OF_ORDER_SEQUENCE_NUMBER')
      await stage.sleep(60_000)
      expect(await code(numbered(7))).toBeUndefined()
    },
    { 'producer.id.expiration.ms': '30000' },
  )
})

test('the next leader answers a copy with its offset whatever the acks', async () => {
  await onBrokers(3, async (stage) => {
    const id = await stage.topic('t', [1, 2, 3])
    await stage.produce(1, id, { bytes: numbered(0) })
    stage.cluster.stop(stage.node(1), 'kill')
    await stage.until(() => [2, 3].some((node) => stage.replica(node, 't')?.state.leader()))
    const leader = stage.replica(2, 't')?.state.leader() === undefined ? 3 : 2
    for (const acks of [1, 0, 'all'] as const) {
      const again = await stage.produce(leader, id, { bytes: numbered(0), acks })
      expect(again).toMatchObject({ baseOffset: 0 })
      expect(again.error).toBeUndefined()
    }
  })
})
