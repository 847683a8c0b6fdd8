import fc from 'fast-check'
import { expect, test } from 'vitest'
import { present } from '../../src/base/assert.ts'
import { nodeId, type NodeId } from '../../src/base/id.ts'
import { Accumulator, type Frame } from '../../src/core/client/accumulator.ts'
import { type Run } from '../../src/core/client/partition-queue.ts'
import { forEachBatch, verifyBatch } from '../../src/core/record/batch-header.ts'
import { readRecords } from '../../src/core/record/batch-reader.ts'

const partitionCount = 3
const brokers = [nodeId(1), nodeId(2)]

type Step =
  | { readonly type: 'put'; readonly partition: number | undefined; readonly bytes: number }
  | { readonly type: 'send'; readonly broker: number; readonly isPressed: boolean }
  | {
      readonly type: 'answer'
      readonly ok: boolean
      readonly isUnknown: boolean
      readonly isTooLarge: boolean
    }
  | { readonly type: 'lead'; readonly partition: number; readonly broker: number | undefined }
  | { readonly type: 'pass'; readonly ms: number }

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant('put' as const),
      partition: fc.option(fc.nat(partitionCount - 1), { nil: undefined }),
      bytes: fc.integer({ min: 4, max: 3000 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant('send' as const),
      broker: fc.nat(1),
      isPressed: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant('answer' as const),
      ok: fc.boolean(),
      isUnknown: fc.boolean(),
      isTooLarge: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('lead' as const),
      partition: fc.nat(partitionCount - 1),
      broker: fc.option(fc.nat(1), { nil: undefined }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('pass' as const), ms: fc.nat(20) }) },
)

/** The accumulator with a broker that may take, refuse or lose what it is sent; keeps what was taken. */
class Model {
  readonly accumulator = new Accumulator<number>({
    batchBytesMax: 2000,
    bufferBytesMax: 65_536,
    lingerMs: 5,
    frameBytesMax: 8000,
    framesInFlightMax: 2,
    isIdempotent: false,
  })
  readonly leaders: (NodeId | undefined)[] = [brokers[0], brokers[1], brokers[0]]
  readonly put: number[][] = [[], [], []]
  readonly taken: number[][] = [[], [], []]
  readonly #frames: Frame<number>[] = []
  #nowMs = 0
  #next = 1

  constructor() {
    this.accumulator.setTopic('t', this.leaders)
  }

  run(one: Step): void {
    if (one.type === 'put') this.#put(one.partition, one.bytes)
    else if (one.type === 'send') this.send(one.broker, one.isPressed)
    else if (one.type === 'answer') this.answer(one)
    else if (one.type === 'pass') this.#nowMs += one.ms
    else {
      this.leaders[one.partition] = one.broker === undefined ? undefined : brokers[one.broker]
      this.accumulator.setTopic('t', this.leaders)
    }
  }

  send(broker: number, isPressed: boolean): void {
    const frame = this.accumulator.drain(brokers[broker] ?? nodeId(1), this.#nowMs, isPressed)
    if (frame !== undefined) this.#frames.push(frame)
  }

  answer(how: {
    readonly ok: boolean
    readonly isUnknown: boolean
    readonly isTooLarge: boolean
  }): void {
    const frame = this.#frames.shift()
    if (frame === undefined) return
    this.accumulator.finishFrame(frame)
    for (const run of frame.runs) {
      if (how.ok) {
        this.#take(run)
        this.accumulator.settle(run, 'taken')
      } else if (!how.isTooLarge || !this.accumulator.shrink(run)) {
        this.accumulator.restore(run, { atMs: this.#nowMs + 3, mayHaveHappened: how.isUnknown })
      }
    }
  }

  finish(): void {
    this.accumulator.setTopic('t', [brokers[0], brokers[1], brokers[0]])
    for (let round = 0; round < 2000 && this.accumulator.unsettledCount > 0; round++) {
      this.#nowMs += 10
      for (const broker of [0, 1]) this.send(broker, true)
      this.answer({ ok: true, isUnknown: false, isTooLarge: false })
    }
  }

  #put(partition: number | undefined, bytes: number): void {
    const topic = this.accumulator.topic('t')
    if (topic === undefined) throw new Error('no topic')
    const value = new Uint8Array(bytes)
    new DataView(value.buffer).setUint32(0, this.#next)
    const record = { key: undefined, value, headers: [], timestampMs: 0 }
    if (
      this.accumulator.append({ topic, partition }, record, () => this.#nowMs, this.#next) ===
      'full'
    )
      return
    const isHere = (queue: (typeof topic.queues)[number]): boolean =>
      queue.open?.tokens?.at(-1) === this.#next
    const to = partition ?? topic.queues.findIndex(isHere)
    this.put[to]?.push(this.#next)
    this.#next += 1
  }

  #take(run: Run<number>): void {
    forEachBatch(run.bytes, (at) => {
      expect(verifyBatch(run.bytes, at)).toBeUndefined()
      const values = readRecords(run.bytes, at).map((record) => {
        const value = record.value() ?? new Uint8Array(4)
        return new DataView(value.buffer, value.byteOffset).getUint32(0)
      })
      this.taken[run.queue.partition]?.push(...values)
    })
    expect(run.batches.flatMap((batch) => batch.tokens ?? [])).toEqual(
      this.taken[run.queue.partition]?.slice(
        -run.batches.reduce((sum, { writer }) => sum + writer.recordCount, 0),
      ),
    )
  }
}

/** What a broker does with the numbers of a partition: takes what is next, knows what it has. */
class Numbers {
  readonly #next = new Map<string, number>()
  epoch = 0

  judge(run: Run<number>): 'next' | 'known' | 'gap' {
    const { id, epoch, baseSequence } = present(run.batches[0]?.numbered, 'a number').producer
    expect(id).toBe(7)
    if (epoch < this.epoch) return 'gap'
    const next = this.#next.get(String(epoch)) ?? 0
    if (baseSequence > next) return 'gap'
    if (baseSequence < next) return 'known'
    this.epoch = epoch
    const count = run.batches.reduce((sum, { writer }) => sum + writer.recordCount, 0)
    this.#next.set(String(epoch), next + count)
    return 'next'
  }
}

/** As `Model`, with an idempotent producer and answers in any order. */
class NumberedModel {
  readonly accumulator = new Accumulator<number>({
    batchBytesMax: 2000,
    bufferBytesMax: 65_536,
    lingerMs: 5,
    frameBytesMax: 8000,
    framesInFlightMax: 5,
    isIdempotent: true,
  })
  readonly put: number[] = []
  readonly taken: number[] = []
  readonly failed: number[] = []
  readonly #numbers = new Numbers()
  readonly #frames: { readonly frame: Frame<number>; readonly isTaken: boolean[] }[] = []
  greatestFrameCount = 0
  #nowMs = 0

  constructor() {
    this.accumulator.setTopic('t', [brokers[0]])
    this.accumulator.setProducerId(7)
  }

  append(bytes: number): void {
    const topic = present(this.accumulator.topic('t'), 'the topic')
    const record = { key: undefined, value: new Uint8Array(bytes), headers: [], timestampMs: 0 }
    const token = this.put.length
    const how = this.accumulator.append({ topic, partition: 0 }, record, () => this.#nowMs, token)
    if (how !== 'full') this.put.push(token)
  }

  /** The broker gets the request, or it is lost, or refused. */
  send(fate: 'arrives' | 'lost'): void {
    const frame = this.accumulator.drain(nodeId(1), this.#nowMs, true)
    if (frame === undefined) return
    const isTaken = frame.runs.map((run) => fate === 'arrives' && this.#arrives(run))
    this.#frames.push({ frame, isTaken })
    this.greatestFrameCount = Math.max(this.greatestFrameCount, this.#frames.length)
  }

  answer(pick: number, isHeard: boolean): void {
    const [sent] = this.#frames.splice(pick % Math.max(1, this.#frames.length), 1)
    if (sent === undefined) return
    this.accumulator.finishFrame(sent.frame)
    for (const [index, run] of sent.frame.runs.entries()) {
      const retry = { atMs: this.#nowMs, mayHaveHappened: true }
      if (!isHeard) this.accumulator.restore(run, retry)
      else if (sent.isTaken[index] === true) this.accumulator.settle(run, 'taken')
      else this.accumulator.outOfOrder(run, this.#nowMs)
    }
    for (const { batch } of this.accumulator.takeLost())
      this.failed.push(...(batch.tokens ?? []).map((token) => token ?? -1))
  }

  giveUpOldest(): void {
    for (const { batch } of this.accumulator.removeOlder(this.#nowMs - 40))
      this.failed.push(...(batch.tokens ?? []).map((token) => token ?? -1))
  }

  pass(ms: number): void {
    this.#nowMs += ms
  }

  finish(): void {
    for (let round = 0; round < 2000 && this.accumulator.unsettledCount > 0; round++) {
      this.#nowMs += 10
      this.send('arrives')
      this.answer(0, true)
    }
  }

  #arrives(run: Run<number>): boolean {
    const how = this.#numbers.judge(run)
    if (how === 'next')
      this.taken.push(...run.batches.flatMap(({ tokens }) => (tokens ?? []).map((token) => token ?? -1))) // prettier-ignore
    return how !== 'gap'
  }
}

test('with numbers, whatever is lost and in whatever order answers come, records are there once and in order', () => {
  const act = fc.oneof(
    { weight: 9, arbitrary: fc.record({ type: fc.constant('put' as const), n: fc.integer({ min: 1, max: 1500 }) }) }, // prettier-ignore
    { weight: 8, arbitrary: fc.record({ type: fc.constant('send' as const), n: fc.nat(3) }) },
    { weight: 4, arbitrary: fc.record({ type: fc.constant('answer' as const), n: fc.nat(9) }) },
    { weight: 1, arbitrary: fc.record({ type: fc.constant('pass' as const), n: fc.nat(30) }) },
  )
  let greatestFrameCount = 0
  fc.assert(
    fc.property(fc.array(act, { maxLength: 150, size: 'max' }), (acts) => {
      const model = new NumberedModel()
      for (const { type, n } of acts) {
        if (type === 'put') model.append(n)
        else if (type === 'send') model.send(n === 0 ? 'lost' : 'arrives')
        else if (type === 'answer') model.answer(n, n % 3 !== 0)
        else {
          model.pass(n)
          model.giveUpOldest()
        }
      }
      model.finish()
      greatestFrameCount = Math.max(greatestFrameCount, model.greatestFrameCount)
      expect(model.accumulator.unsettledCount).toBe(0)
      expect(model.accumulator.usedBytes).toBe(0)
      expect(model.taken).toEqual([...new Set(model.taken)].toSorted((a, b) => a - b))
      const ends = new Set([...model.taken, ...model.failed])
      expect(model.put.filter((token) => !ends.has(token))).toEqual([])
    }),
    { numRuns: 300 },
  )
  expect(greatestFrameCount).toBe(5)
})

test('whatever the broker does, every record is taken once it answers, in order, and memory comes back', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const model = new Model()
      for (const one of steps) {
        model.run(one)
        expect(model.accumulator.usedBytes).toBeLessThanOrEqual(65_536 + 8192)
      }
      model.finish()
      expect(model.taken).toEqual(model.put)
      expect(model.accumulator.unsettledCount).toBe(0)
      expect(model.accumulator.usedBytes).toBe(0)
    }),
    { numRuns: 300 },
  )
})
