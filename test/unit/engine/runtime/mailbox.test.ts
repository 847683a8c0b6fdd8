import { expect, test } from 'vitest'
import { Bell } from '../../../../src/engine/runtime/bell.ts'
import { Gate, GateFullError, mapBounded } from '../../../../src/engine/runtime/gate.ts'
import { Lifecycle } from '../../../../src/engine/runtime/lifecycle.ts'
import { Mailbox } from '../../../../src/engine/runtime/mailbox.ts'
import { Backoff } from '../../../../src/engine/runtime/retry.ts'

const silent = { log: (): void => undefined }

test('messages that arrive during a run are handed over together at the next one', async () => {
  const runs: (readonly number[])[] = []
  const mailbox = new Mailbox<number>({
    countMax: 10,
    perform: async (messages) => {
      runs.push(messages)
      if (runs.length === 1) for (const message of [2, 3]) mailbox.post(message)
      await Promise.resolve()
    },
  })
  mailbox.post(1)
  await mailbox.idle()
  expect(runs).toEqual([[1], [2, 3]])
})

test('a full mailbox refuses, and takes messages again once it is drained', async () => {
  const mailbox = new Mailbox<number>({ countMax: 2, perform: async () => Promise.resolve() })
  expect([mailbox.post(1), mailbox.post(2), mailbox.post(3)]).toEqual([true, true, false])
  await mailbox.idle()
  expect(mailbox.post(4)).toBe(true)
  await mailbox.idle()
})

test('a mailbox whose work failed accepts nothing more and tells the cause', async () => {
  const mailbox = new Mailbox<number>({
    countMax: 2,
    perform: async () => Promise.reject(new Error('disk')),
  })
  mailbox.post(1)
  await expect(mailbox.idle()).rejects.toThrow('disk')
  expect(mailbox.post(2)).toBe(false)
})

test('a gate lets its width in, keeps its queue and refuses the rest', async () => {
  const gate = new Gate({ widthMax: 1, queueCountMax: 1 })
  const opened = new Bell()
  let active = 0
  let activeMax = 0
  const work = async (): Promise<void> => {
    active += 1
    activeMax = Math.max(activeMax, active)
    await opened.wait()
    active -= 1
  }
  const first = gate.run(work)
  const second = gate.run(work)
  await expect(gate.run(work)).rejects.toThrow(GateFullError)
  opened.ring()
  await first
  await Promise.resolve()
  opened.ring()
  await second
  expect(activeMax).toBe(1)
})

test('mapping with a bound keeps the order of the items', async () => {
  const results = await mapBounded(2, [3, 1, 2], async (item, index) =>
    Promise.resolve(`${index}:${item}`),
  )
  expect(results).toEqual(['0:3', '1:1', '2:2'])
})

test('a bell wakes who waits, and a condition that holds is not waited for', async () => {
  const bell = new Bell()
  let isOpen = false
  const waiting = bell.until(() => isOpen)
  bell.ring()
  isOpen = true
  bell.ring()
  expect(await waiting).toBe(true)
  expect(await bell.until(() => isOpen)).toBe(true)
  expect(bell.waiterCount).toBe(0)
})

test('a wait ends when its signal aborts', async () => {
  const bell = new Bell()
  const abort = new AbortController()
  const waiting = bell.until(() => false, { signal: abort.signal })
  abort.abort()
  expect(await waiting).toBe(false)
  expect(bell.waiterCount).toBe(0)
})

test('a lifecycle waits for its work at close and reports what failed before', async () => {
  const failed: string[] = []
  const reported = new Bell()
  const lifecycle = new Lifecycle(silent, (name) => {
    failed.push(name)
    reported.ring()
  })
  let done = false
  lifecycle.spawn('breaks', async () => Promise.reject(new Error('broken')))
  lifecycle.spawn('waits', async (signal) => {
    await new Bell().wait({ signal })
    done = true
  })
  await reported.until(() => failed.length > 0)
  await lifecycle.close()
  lifecycle.spawn('late', async () => Promise.reject(new Error('never started')))
  expect([done, failed]).toEqual([true, ['breaks']])
})

test('pauses double up to their bound, keep at least half, and start over after a success', () => {
  const backoff = new Backoff({ initialMs: 100, maxMs: 350 }, { random: () => 0, uuid: () => '' })
  expect([backoff.nextMs(), backoff.nextMs(), backoff.nextMs(), backoff.nextMs()]).toEqual([
    50, 100, 175, 175,
  ])
  backoff.reset()
  expect(backoff.nextMs()).toBe(50)
})
