import { expect, test } from 'vitest'
import { directoryId, nodeId } from '../../../../src/base/id.ts'
import { Clerk, idOf } from '../../../golden/controller/clerk.ts'

function directoryOf(name: string): string {
  return directoryId(idOf(name))
}

/** Directory of each partition's replica on broker 1. */
function homes(clerk: Clerk, topic: string): readonly (string | undefined)[] {
  const id = clerk.image().topicIds.get(topic)
  const partitions = id === undefined ? [] : (clerk.image().topics.get(id)?.partitions ?? [])
  return partitions.map(({ directories, replicas }) => directories[replicas.indexOf(nodeId(1))])
}

function counts(names: readonly (string | undefined)[]): Readonly<Record<string, number>> {
  const found: Record<string, number> = {}
  for (const name of names) found[name ?? 'none'] = (found[name ?? 'none'] ?? 0) + 1
  return found
}

function upWith(clerk: Clerk, directories: readonly string[]): void {
  clerk.register(1, { directories })
  clerk.heartbeat(1)
}

test('new partitions go to the online directory with the fewest', () => {
  const clerk = new Clerk()
  upWith(clerk, ['a', 'b'])
  clerk.create('first', { partitions: 3, replication: 1 })
  clerk.create('second', { partitions: 5, replication: 1 })
  const all = [...homes(clerk, 'first'), ...homes(clerk, 'second')]
  expect(counts(all)).toEqual({ [directoryOf('a')]: 4, [directoryOf('b')]: 4 })
  clerk.heartbeat(1, { offline: ['a'] })
  clerk.create('third', { partitions: 2, replication: 1 })
  expect(counts(homes(clerk, 'third'))).toEqual({ [directoryOf('b')]: 2 })
})

test('a directory that goes offline takes its own partitions out of service and no others', () => {
  const clerk = new Clerk()
  upWith(clerk, ['a', 'b'])
  clerk.create('t', { partitions: 2, replication: 1 })
  clerk.heartbeat(1, { offline: ['b'] })
  expect(homes(clerk, 't')).toEqual([directoryOf('a'), directoryOf('b')])
  expect(clerk.partition('t', 0).leader).toBe(1)
  expect(clerk.partition('t', 1).leader).toBeUndefined()
})

test('replicas of a directory that is configured no more start anew, spread over the others', () => {
  const clerk = new Clerk()
  upWith(clerk, ['a'])
  clerk.create('t', { partitions: 4, replication: 1 })
  clerk.fence(1)
  clerk.alive.clear()
  upWith(clerk, ['b', 'c'])
  expect(counts(homes(clerk, 't'))).toEqual({ [directoryOf('b')]: 2, [directoryOf('c')]: 2 })
  expect(clerk.partition('t', 0)).toMatchObject({ isr: [], elr: [] })
})

test('replicas of a directory that could not be opened wait for it', () => {
  const clerk = new Clerk()
  upWith(clerk, ['a', 'b'])
  clerk.create('t', { partitions: 2, replication: 1 })
  clerk.register(1, { directories: ['b'], hasUnopenedDirectory: true })
  clerk.heartbeat(1)
  expect(homes(clerk, 't')).toEqual([directoryOf('a'), directoryOf('b')])
  expect(clerk.partition('t', 0).leader).toBeUndefined()
  expect(clerk.partition('t', 1).leader).toBe(1)
  upWith(clerk, ['a', 'b'])
  expect(clerk.partition('t', 0).leader).toBe(1)
})

test('a directory in which whole logs may be missing vouches for none of its partitions', () => {
  const clerk = new Clerk()
  for (const id of [1, 2]) clerk.bringUp(id)
  clerk.create('t', { partitions: 2, replication: 2 })
  expect(clerk.partition('t', 0).isr.length).toBe(2)
  clerk.register(1, { mayMissLogs: true })
  for (const partition of [0, 1]) expect(clerk.partition('t', partition).isr).toEqual([2])
  const unclean = clerk.image().brokers.get(nodeId(1))?.uncleanLogs ?? []
  expect(unclean.map(({ partition, reason }) => [partition, reason])).toEqual([
    [0, 'corrupt'],
    [1, 'corrupt'],
  ])
  clerk.register(2)
  clerk.register(1, { mayMissLogs: true })
  clerk.heartbeat(1)
  expect(clerk.partition('t', 0).leader).toBeUndefined()
  clerk.heartbeat(2)
  expect(clerk.partition('t', 0)).toMatchObject({ leader: 2, isr: [2] })
})
