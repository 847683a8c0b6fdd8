import { expect, test } from 'vitest'
import { openSimHost } from '../../../src/edge/system/sim-host.ts'
import { SimMachine } from '../../../src/sim/sim-machine.ts'
import { SimScheduler, SimStuckError } from '../../../src/sim/sim-scheduler.ts'

async function history(seed: number, isFast: boolean): Promise<string> {
  const sim = new SimScheduler({ seed, host: openSimHost({ isFast }) })
  const machine = new SimMachine(sim, 'one')
  const { ports } = machine.start()
  return sim.run(async () => {
    await ports.files.makeDirectory('/a')
    const work = async (name: string): Promise<void> => {
      const file = await ports.files.open(`/a/${name}`, { mode: 'create', durable: true })
      for (let count = 0; count < 20; count++) await file.write(count, [Uint8Array.of(count)])
      sim.trace(name)
    }
    await Promise.all(['x', 'y', 'z'].map(work))
    return sim.traceHash()
  })
}

test('the same seed gives the same trace hash, another seed another one', async () => {
  expect(await history(1, true)).toBe(await history(1, true))
  expect(await history(1, true)).not.toBe(await history(2, true))
})

test('the trace hash does not depend on how microtasks are drained', async () => {
  expect(await history(7, false)).toBe(await history(7, true))
})

test('a run in which nothing is left to happen ends with an error', async () => {
  const sim = new SimScheduler({ seed: 1, host: openSimHost() })
  const never = new Promise<void>(() => undefined)
  await expect(sim.run(async () => never)).rejects.toThrow(SimStuckError)
})

test('a run longer than its limits ends with an error', async () => {
  const sim = new SimScheduler({ seed: 1, host: openSimHost() })
  const tick = (): void => {
    sim.after(10, tick)
  }
  const forever = async (): Promise<void> => {
    tick()
    return new Promise<void>(() => undefined)
  }
  await expect(sim.run(forever, { eventCountMax: 100 })).rejects.toThrow('not done after')
  await expect(sim.run(forever, { virtualMsMax: 100 })).rejects.toThrow('virtual time')
})

test('reading the real time or real chance inside a simulation is a defect', async () => {
  const sim = new SimScheduler({ seed: 1, host: openSimHost() })
  const reads: (() => unknown)[] = [
    () => Date.now(),
    () => Math.random(),
    () => performance.now(),
    () => crypto.randomUUID(),
    () => setTimeout(() => undefined, 1),
  ]
  for (const read of reads)
    await expect(sim.run(async () => Promise.resolve(read()))).rejects.toThrow(
      'was called in a simulation',
    )
  expect(Date.now()).toBeGreaterThan(0)
})

test('a killed process hears of nothing any more, a paused one hears late and in order', async () => {
  const sim = new SimScheduler({ seed: 3, host: openSimHost() })
  const paused = new SimMachine(sim, 'paused').start().process
  const killed = new SimMachine(sim, 'killed').start().process
  const heard: string[] = []
  await sim.run(async () => {
    for (const delayMs of [1, 2, 3]) {
      paused.after(delayMs, () => heard.push(`paused ${delayMs} at ${Math.floor(sim.nowMs())}`))
      killed.after(delayMs, () => heard.push(`killed ${delayMs}`))
    }
    sim.after(0.5, () => {
      paused.pause()
    })
    sim.after(1.5, () => {
      killed.kill()
    })
    return new Promise<void>((resolve) => {
      sim.after(9, () => {
        paused.resume()
      })
      sim.after(10, resolve)
    })
  })
  expect(heard).toEqual(['killed 1', 'paused 1 at 9', 'paused 2 at 9', 'paused 3 at 9'])
})
