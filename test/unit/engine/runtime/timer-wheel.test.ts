import { expect, test } from 'vitest'
import { TimerWheel } from '../../../../src/engine/runtime/timer-wheel.ts'
import { type Clock } from '../../../../src/engine/ports/clock.ts'

/** A clock that stands until it is moved; timers fire in order as it passes them. */
function handClock(): { readonly clock: Clock; readonly moveTo: (nowMs: number) => void } {
  let now = 0
  let timers: { readonly atMs: number; readonly work: () => void }[] = []
  return {
    clock: {
      nowMs: () => now,
      wallMs: () => now,
      after: (delayMs, work) => {
        const timer = { atMs: now + delayMs, work }
        timers.push(timer)
        return { cancel: () => void (timers = timers.filter((other) => other !== timer)) }
      },
    },
    moveTo: (nowMs) => {
      for (;;) {
        const [next] = timers.filter(({ atMs }) => atMs <= nowMs).sort((a, b) => a.atMs - b.atMs)
        if (next === undefined) break
        timers = timers.filter((other) => other !== next)
        now = Math.max(now, next.atMs)
        next.work()
      }
      now = nowMs
    },
  }
}

test('a deadline fires never early and at most one slot late', () => {
  const { clock, moveTo } = handClock()
  const wheel = new TimerWheel({ clock, slotMs: 10 })
  const fired: number[] = []
  for (const atMs of [25, 5, 31, 25]) wheel.at(atMs, () => fired.push(atMs))
  moveTo(24)
  expect(fired).toEqual([5])
  moveTo(35)
  expect(fired).toEqual([5, 25, 25])
  moveTo(41)
  expect(fired).toEqual([5, 25, 25, 31])
})

test('what was cancelled or closed does not fire', () => {
  const { clock, moveTo } = handClock()
  const wheel = new TimerWheel({ clock, slotMs: 10 })
  const fired: string[] = []
  wheel.at(20, () => fired.push('cancelled')).cancel()
  wheel.at(30, () => fired.push('kept'))
  moveTo(40)
  wheel.at(60, () => fired.push('closed'))
  wheel.close()
  moveTo(100)
  expect(fired).toEqual(['kept'])
})
