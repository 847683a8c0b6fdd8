import { expect, test } from 'vitest'
import { Coalescer } from '../../../../src/engine/runtime/coalescer.ts'

test('everyone who comes while a run is under way is served by one run after it', async () => {
  let startedCount = 0
  const finish: (() => void)[] = []
  const coalescer = new Coalescer(async () => {
    startedCount += 1
    await new Promise<void>((resolve) => finish.push(resolve))
  })
  const first = coalescer.run()
  const later = [coalescer.run(), coalescer.run(), coalescer.run()]
  expect(startedCount).toBe(1)
  finish.shift()?.()
  await first
  await Promise.resolve()
  expect(startedCount).toBe(2)
  finish.shift()?.()
  await Promise.all(later)
  expect(startedCount).toBe(2)
})

test('a failed run fails those who asked for it, not those after it', async () => {
  let runCount = 0
  const coalescer = new Coalescer(async () => {
    runCount += 1
    await Promise.resolve()
    if (runCount === 1) throw new Error('first')
  })
  const first = coalescer.run()
  const second = coalescer.run()
  await expect(first).rejects.toThrow('first')
  await second
  expect(runCount).toBe(2)
})
