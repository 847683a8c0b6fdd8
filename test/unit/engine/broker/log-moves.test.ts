import { expect, test } from 'vitest'
import { partitionIndex } from '../../../../src/base/id.ts'
import { type DescribedLogDir } from '../../../../src/core/api/log-directories.ts'
import { onBrokers, type BrokerStage } from './stage.ts'

const settings = { 'log.dirs': '/data,/more', 'log.tail.cache.bytes': '100000' }
type Topic = Parameters<BrokerStage['produce']>[1]

async function fill(stage: BrokerStage, topic: Topic, batchCount: number): Promise<number> {
  let end = 0
  for (let count = 0; count < batchCount; count++) {
    const answer = await stage.produce(1, topic, { values: [`v${count}`.repeat(3000)] })
    if ('baseOffset' in answer && answer.error === undefined) end = answer.baseOffset + 1
  }
  return end
}

async function move(stage: BrokerStage, id: number, topic: string, path: string): Promise<unknown> {
  const moves = [{ topic, partition: partitionIndex(0), path }]
  const outcome = await stage.ask(id, 'alter-replica-log-dirs', { moves })
  return outcome.ok ? (outcome.value.moves[0]?.error?.code ?? 'taken on') : outcome.code
}

async function describe(stage: BrokerStage, id: number): Promise<readonly DescribedLogDir[]> {
  const outcome = await stage.ask(id, 'describe-log-dirs', {})
  return outcome.ok ? outcome.value.directories : []
}

function homeOf(stage: BrokerStage, id: number, topic: string): string | undefined {
  return stage.replica(id, topic)?.log.home().path
}

function otherThan(path: string | undefined): string {
  return path === '/data' ? '/more' : '/data'
}

async function readAll(stage: BrokerStage, id: number, topic: string): Promise<number> {
  const log = stage.replica(id, topic)?.log
  let at = log?.startOffset() ?? 0
  while (log !== undefined && at < log.endOffset())
    at = (await log.read({ from: at as never, bytesMax: 1_000_000 })).nextOffset
  return at
}

test('a log moves to another directory while records arrive; the controller learns of it', async () => {
  await onBrokers(
    3,
    async (stage) => {
      const id = await stage.topic('t', [1, 2, 3])
      await fill(stage, id, 40)
      expect(homeOf(stage, 1, 't')).toBe('/data')
      expect(await move(stage, 1, 't', '/elsewhere')).toBe('INVALID_REQUEST')
      expect(await move(stage, 1, 't', '/more')).toBe('taken on')
      const whileMoving = fill(stage, id, 40)
      await stage.until(() => homeOf(stage, 1, 't') === '/more')
      const end = await whileMoving
      expect(end).toBeGreaterThan(40)
      const other = stage.node(1).node?.status().broker?.directories[1]?.directoryId
      await stage.until(() => stage.replica(2, 't')?.state.registration()?.directories[0] === other)
      expect(await readAll(stage, 1, 't')).toBe(stage.replica(1, 't')?.log.endOffset())
      expect(await move(stage, 2, 't', '/more')).toBe('taken on')
      await stage.until(() => homeOf(stage, 2, 't') === '/more')
      await fill(stage, id, 5)
      await stage.until(() => stage.replica(1, 't')?.state.registration()?.isr.length === 3)
      await stage.sleep(500)
      const [first, second] = await describe(stage, 1)
      expect(first?.logs).toEqual([])
      expect(second?.logs).toMatchObject([{ topic: 't', partition: 0, offsetLag: 0 }])
      expect(second?.logs[0]?.bytes).toBeGreaterThan(100_000)
    },
    settings,
  )
})

test('a move that is throttled is seen under way, and given up on request', async () => {
  const slow = { ...settings, 'replica.alter.log.dirs.io.max.bytes.per.second': '1024' }
  await onBrokers(
    1,
    async (stage) => {
      const id = await stage.topic('t', [1])
      await fill(stage, id, 60)
      await move(stage, 1, 't', '/more')
      await stage.sleep(1000)
      const [, second] = await describe(stage, 1)
      expect(second?.logs).toMatchObject([{ topic: 't', isFuture: true }])
      expect(await move(stage, 1, 't', '/data')).toBe('taken on')
      await stage.sleep(2000)
      const [first, other] = await describe(stage, 1)
      expect(first?.logs).toMatchObject([{ topic: 't', isFuture: false }])
      expect(other?.logs).toEqual([])
    },
    slow,
  )
})

/** The k-th write after the request loses power; what was acknowledged is there, and the move goes on. */
async function crashAt(write: number): Promise<boolean> {
  let hasCrashed = false
  await onBrokers(
    1,
    async (stage) => {
      const id = await stage.topic('t', [1])
      const end = await fill(stage, id, 30)
      const node = stage.node(1)
      const { faults } = node.machine.disk
      const from = faults.count('write')
      stage.cluster.scheduler.afterEachEvent(() => {
        if (hasCrashed || faults.count('write') < from + write) return
        hasCrashed = true
        stage.cluster.stop(node, 'power-loss')
      })
      await move(stage, 1, 't', '/more')
      await stage.until(() => hasCrashed || homeOf(stage, 1, 't') === '/more')
      await stage.sleep(200)
      if (!hasCrashed) return
      stage.cluster.start(node)
      await stage.until(() => stage.replica(1, 't')?.state.leader() !== undefined)
      expect(await readAll(stage, 1, 't')).toBe(end)
      await stage.sleep(2000)
      const held = (await describe(stage, 1)).map(({ logs }) => logs.length)
      expect(held.reduce((sum, count) => sum + count, 0)).toBe(1)
      expect(await stage.produce(1, id)).toMatchObject({ baseOffset: end })
      expect(await readAll(stage, 1, 't')).toBe(end + 1)
    },
    settings,
  )
  return hasCrashed
}

test('a power loss at any step of a move leaves one whole log', async () => {
  let write = 1
  while (await crashAt(write)) write += 1
  expect(write).toBeGreaterThan(10)
})

test('a move that cannot end does not hold up the next one', async () => {
  const slow = { ...settings, 'replica.alter.log.dirs.io.max.bytes.per.second': '4096' }
  await onBrokers(
    1,
    async (stage) => {
      const first = await stage.topic('first', [1])
      const second = await stage.topic('second', [1])
      await fill(stage, first, 20)
      await fill(stage, second, 1)
      await move(stage, 1, 'first', otherThan(homeOf(stage, 1, 'first')))
      await stage.sleep(1000)
      await stage.ask(1, 'delete-topics', { names: ['first'] })
      await stage.until(() => stage.replica(1, 'first') === undefined)
      const to = otherThan(homeOf(stage, 1, 'second'))
      expect(await move(stage, 1, 'second', to)).toBe('taken on')
      await stage.until(() => homeOf(stage, 1, 'second') === to)
    },
    slow,
  )
})
