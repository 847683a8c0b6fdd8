import { expect, test } from 'vitest'
import { type DirectoryState } from '../../../../src/engine/storage/partition-log.ts'
import { onBrokers, type BrokerStage } from './stage.ts'

const settings = { 'log.dirs': '/data,/more' }

function statesOf(stage: BrokerStage, id: number): readonly (DirectoryState | undefined)[] {
  return (
    stage
      .node(id)
      .node?.status()
      .broker?.directories.map(({ state }) => state) ?? []
  )
}

function fail(stage: BrokerStage, id: number, path: string): void {
  const fault = { code: 'io', afterCount: 0, isLasting: true, pathPrefix: path } as const
  stage.node(id).machine.disk.faults.inject({ ...fault, on: 'write' })
  stage.node(id).machine.disk.faults.inject({ ...fault, on: 'sync' })
}

function homeOf(stage: BrokerStage, id: number, topic: string): string | undefined {
  return stage.replica(id, topic)?.log.home().path
}

test('a failing directory goes offline with its partitions only; leadership moves, the rest goes on', async () => {
  await onBrokers(
    3,
    async (stage) => {
      const one = await stage.topic('one', [1, 2, 3])
      const two = await stage.topic('two', [1, 2, 3])
      expect([homeOf(stage, 1, 'one'), homeOf(stage, 1, 'two')]).toEqual(['/data', '/more'])
      await stage.produce(1, one)
      fail(stage, 1, '/data/')
      await stage.produce(1, one)
      await stage.until(() => stage.replica(2, 'one')?.state.registration()?.leader !== 1)
      await stage.until(() => stage.replica(2, 'one')?.state.registration()?.isr.length === 2)
      expect(statesOf(stage, 1)).toEqual(['offline', 'online'])
      expect(stage.node(1).life).toBe(1)
      expect(await stage.produce(1, two)).toMatchObject({ baseOffset: 0 })
      expect(stage.replica(1, 'two')?.state.registration()?.isr).toHaveLength(3)
      expect(await stage.produce(await stage.leaderOf('one'), one)).toMatchObject({
        logStartOffset: 0,
      })
      const before = stage.replica(1, 'one')?.log.endOffset()
      await stage.sleep(1000)
      expect(stage.replica(1, 'one')?.log.endOffset()).toBe(before)
    },
    settings,
  )
})

test('what a node keeps in its other directory is served again at once after a restart', async () => {
  await onBrokers(
    3,
    async (stage) => {
      await stage.topic('one', [1, 2, 3])
      const two = await stage.topic('two', [1])
      await stage.produce(1, two)
      const { disk } = stage.node(1).machine
      fail(stage, 1, '/data/')
      stage.cluster.stop(stage.node(1), 'kill')
      disk.faults.inject({ on: 'read', code: 'io', afterCount: 0, isLasting: true, pathPrefix: '/data/' }) // prettier-ignore
      stage.cluster.start(stage.node(1))
      await stage.until(() => stage.isRunning(stage.node(1)))
      expect(statesOf(stage, 1)).toEqual(['online', 'offline'])
      await stage.until(() => stage.replica(1, 'two')?.state.leader() !== undefined)
      expect(await stage.produce(1, two)).toMatchObject({ baseOffset: 1 })
      await stage.sleep(500)
      expect(stage.replica(1, 'one')).toBeUndefined()
      expect(stage.replica(2, 'one')?.state.registration()?.isr).toEqual([2, 3])
      disk.faults.clear()
      stage.cluster.stop(stage.node(1), 'kill')
      stage.cluster.start(stage.node(1))
      await stage.until(() => stage.replica(2, 'one')?.state.registration()?.isr.length === 3)
      expect(homeOf(stage, 1, 'one')).toBe('/data')
    },
    settings,
  )
})

test('a node without a directory left stops, and says which were lost', async () => {
  await onBrokers(
    1,
    async (stage) => {
      const one = await stage.topic('one', [1])
      const two = await stage.topic('two', [1])
      fail(stage, 1, '/data/')
      fail(stage, 1, '/more/')
      await Promise.all([stage.produce(1, one), stage.produce(1, two)])
      await stage.until(() => stage.node(1).node === undefined)
      const failure = stage.cluster.telemetry.lines().find(({ event }) => event === 'node-failed')
      expect(String(failure?.fields['cause'])).toContain(
        'Every log directory of this broker is offline (/data, /more)',
      )
    },
    settings,
  )
})
