import { expect, test } from 'vitest'
import { openSimHost } from '../../../src/edge/system/sim-host.ts'
import { type KeyValueStore } from '../../../src/engine/ports/key-value-store.ts'
import { type LocalPorts, SimMachine } from '../../../src/sim/sim-machine.ts'
import { SimScheduler } from '../../../src/sim/sim-scheduler.ts'

const seeds = Array.from({ length: 60 }, (_, seed) => seed)
const host = openSimHost()

async function onMachine<T>(
  seed: number,
  work: (machine: SimMachine, ports: LocalPorts) => Promise<T>,
): Promise<T> {
  const sim = new SimScheduler({ seed, host })
  const machine = new SimMachine(sim, 'one')
  const { ports } = machine.start()
  return sim.run(async () => work(machine, ports))
}

function numbered(from: number, count: number): Uint8Array {
  return Uint8Array.from({ length: count }, (_, index) => (from + index) & 255)
}

async function put(store: KeyValueStore, key: number, sync: boolean): Promise<void> {
  const bytes = Uint8Array.of(key)
  await store.batch([{ type: 'put', key: bytes, value: bytes }], { sync })
}

async function keysAfterReopen(machine: SimMachine): Promise<readonly number[]> {
  const { ports } = machine.start()
  const store = await ports.stores.open('/db', { create: false })
  const entries = await store.scan({ from: new Uint8Array(), to: Uint8Array.of(255) }, 100)
  await store.close()
  return entries.map(({ key }) => key[0] ?? -1)
}

test('a power loss never takes synced bytes, and may take, tear or keep the others', async () => {
  const outcomes = new Set<string>()
  for (const seed of seeds) {
    const after = await onMachine(seed, async (machine, ports) => {
      const file = await ports.files.open('/a', { mode: 'create' })
      await ports.files.syncDirectory('')
      await file.write(0, [numbered(0, 2000)])
      await file.sync()
      await file.write(2000, [numbered(2000, 4000)])
      machine.powerOff()
      const again = await machine.start().ports.files.open('/a', { mode: 'read' })
      return again.read(0, 10_000)
    })
    expect(Array.from(after.subarray(0, 2000))).toEqual(Array.from(numbered(0, 2000)))
    const rest = after.subarray(2000)
    const isWhole = rest.length === 4000 && rest.every((byte, at) => byte === ((2000 + at) & 255))
    outcomes.add(rest.length === 0 ? 'lost' : isWhole ? 'kept' : 'torn')
  }
  expect([...outcomes].sort()).toEqual(['kept', 'lost', 'torn'])
})

test('a write to a durable file survives once it has returned', async () => {
  for (const seed of seeds) {
    const after = await onMachine(seed, async (machine, ports) => {
      const file = await ports.files.open('/a', { mode: 'create', durable: true })
      await ports.files.syncDirectory('')
      await file.write(0, [numbered(0, 3000)])
      machine.powerOff()
      const again = await machine.start().ports.files.open('/a', { mode: 'read' })
      return again.read(0, 10_000)
    })
    expect(after.length).toBe(3000)
  }
})

test('a killed process leaves its writes in the page cache, and the boot id as it was', async () => {
  for (const seed of seeds)
    await onMachine(seed, async (machine, ports) => {
      const file = await ports.files.open('/a', { mode: 'create' })
      await file.write(0, [numbered(0, 3000)])
      const bootId = await ports.files.bootId()
      machine.kill()
      const next = machine.start().ports
      expect(await next.files.bootId()).toBe(bootId)
      const again = await next.files.open('/a', { mode: 'read' })
      expect((await again.read(0, 10_000)).length).toBe(3000)
      machine.powerOff()
      expect(await machine.start().ports.files.bootId()).not.toBe(bootId)
    })
})

test('a new name or a rename may be lost until its directory is synced', async () => {
  const outcomes = new Set<string>()
  for (const seed of seeds)
    await onMachine(seed, async (machine, ports) => {
      await ports.files.makeDirectory('/x')
      await ports.files.open('/x/synced', { mode: 'create' })
      await ports.files.open('/x/before', { mode: 'create' })
      await ports.files.syncDirectory('/x')
      await ports.files.open('/x/fresh', { mode: 'create' })
      await ports.files.rename('/x/before', '/x/after')
      machine.powerOff()
      const names = await machine.start().ports.files.list('/x')
      expect(names).toContain('synced')
      expect(names.filter((name) => name === 'before' || name === 'after')).toHaveLength(1)
      outcomes.add(names.join())
    })
  expect(outcomes.size).toBe(4)
})

test('after a failed sync the lost pages are still read, and gone with the power', async () => {
  await onMachine(1, async (machine, ports) => {
    const file = await ports.files.open('/a', { mode: 'create' })
    await ports.files.syncDirectory('')
    await file.write(0, [numbered(0, 100)])
    machine.disk.faults.inject({ on: 'sync', code: 'io', afterCount: 0 })
    await expect(file.sync()).rejects.toMatchObject({ code: 'io' })
    expect((await file.read(0, 100)).length).toBe(100)
    await file.sync()
    machine.powerOff()
    const again = await machine.start().ports.files.open('/a', { mode: 'read' })
    expect(Array.from(await again.read(0, 100)).some((byte) => byte !== 0)).toBe(false)
  })
})

test('a failed write that lingers never takes the place of a later synced one', async () => {
  for (const seed of seeds) {
    const after = await onMachine(seed, async (machine, ports) => {
      const file = await ports.files.open('/f', { mode: 'create', durable: true })
      await ports.files.syncDirectory('')
      machine.disk.faults.inject({ on: 'write', code: 'io', afterCount: 0 })
      await expect(file.write(0, [numbered(1, 600)])).rejects.toThrow()
      machine.kill()
      const again = machine.start().ports
      const reopened = await again.files.open('/f', { mode: 'write', durable: true })
      await reopened.write(0, [numbered(9, 600)])
      machine.powerOff()
      const { ports: last } = machine.start()
      return (await last.files.open('/f', { mode: 'read' })).read(0, 600)
    })
    expect(after).toEqual(numbered(9, 600))
  }
})

test('a full disk refuses growth and takes overwrites', async () => {
  await onMachine(1, async (machine, ports) => {
    machine.disk.capacityBytes = 10_000
    const file = await ports.files.open('/a', { mode: 'create' })
    await file.allocate(8000)
    await expect(file.write(8000, [numbered(0, 3000)])).rejects.toMatchObject({ code: 'no-space' })
    await file.write(0, [numbered(0, 3000)])
    expect((await ports.files.space('/a')).freeBytes).toBeLessThanOrEqual(2000)
    await expect(file.allocate(20_000)).rejects.toMatchObject({ code: 'no-space' })
  })
})

test('the k-th write of a path fails, once or from then on', async () => {
  await onMachine(1, async (machine, ports) => {
    const file = await ports.files.open('/a', { mode: 'create' })
    const other = await ports.files.open('/b', { mode: 'create' })
    const { faults } = machine.disk
    faults.inject({ on: 'write', code: 'io', afterCount: 1, pathPrefix: '/a' })
    await other.write(0, [numbered(0, 1)])
    await file.write(0, [numbered(0, 1)])
    await expect(file.write(0, [numbered(0, 1)])).rejects.toMatchObject({ code: 'io' })
    await file.write(0, [numbered(0, 1)])
    faults.inject({ on: 'write', code: 'no-space', afterCount: 0, isLasting: true })
    for (const each of [file, other])
      await expect(each.write(0, [numbered(0, 1)])).rejects.toMatchObject({ code: 'no-space' })
    faults.clear()
    await file.write(0, [numbered(0, 1)])
    expect(faults.count('write')).toBe(7)
  })
})

test('a flipped bit stays flipped', async () => {
  await onMachine(1, async (machine, ports) => {
    const file = await ports.files.open('/a', { mode: 'create', durable: true })
    await ports.files.syncDirectory('')
    await file.write(0, [numbered(0, 100)])
    machine.disk.flipBit('/a', 5, 1)
    expect((await file.read(5, 1))[0]).toBe(7)
    machine.powerOff()
    const again = await machine.start().ports.files.open('/a', { mode: 'read' })
    expect((await again.read(5, 1))[0]).toBe(7)
  })
})

test('a lock falls with its process', async () => {
  await onMachine(1, async (machine, ports) => {
    await ports.files.makeDirectory('/x')
    await ports.files.lock('/x')
    machine.kill()
    await machine.start().ports.files.lock('/x')
  })
})

test('a power loss takes a suffix of the unsynced batches of a store and none that was synced', async () => {
  const outcomes = new Set<number>()
  for (const seed of seeds)
    await onMachine(seed, async (machine, ports) => {
      const store = await ports.stores.open('/db', { create: true })
      await ports.files.syncDirectory('')
      for (const key of [0, 1, 2, 3, 4, 5]) await put(store, key, key === 2)
      machine.powerOff()
      const keys = await keysAfterReopen(machine)
      expect(keys).toEqual([0, 1, 2, 3, 4, 5].slice(0, keys.length))
      expect(keys.length).toBeGreaterThanOrEqual(3)
      outcomes.add(keys.length)
    })
  expect([...outcomes].sort()).toEqual([3, 4, 5, 6])
})

test('a batch in flight at a power loss is there as a whole or not at all', async () => {
  const outcomes = new Set<number>()
  for (const seed of seeds)
    await onMachine(seed, async (machine, ports) => {
      const store = await ports.stores.open('/db', { create: true })
      await ports.files.syncDirectory('')
      const keys = [1, 2, 3].map((key) => Uint8Array.of(key))
      store
        .batch(
          keys.map((key) => ({ type: 'put', key, value: key })),
          { sync: true },
        )
        .catch(() => undefined)
      machine.powerOff()
      outcomes.add((await keysAfterReopen(machine)).length)
    })
  expect([...outcomes].sort()).toEqual([0, 3])
})

test('after a failed append later synced batches are acknowledged, readable, and lost by reopening', async () => {
  await onMachine(1, async (machine, ports) => {
    const store = await ports.stores.open('/db', { create: true })
    await put(store, 1, true)
    machine.disk.faults.inject({ on: 'write', code: 'no-space', afterCount: 0 })
    await expect(put(store, 2, true)).rejects.toMatchObject({ code: 'no-space' })
    await put(store, 3, true)
    expect(await store.get(Uint8Array.of(3))).toBeDefined()
    await store.close()
    machine.kill()
    expect(await keysAfterReopen(machine)).not.toContain(3)
  })
})

test('after a failed sync a store refuses writes, and the failed batch may come back', async () => {
  const outcomes = new Set<number>()
  for (const seed of seeds)
    await onMachine(seed, async (machine, ports) => {
      const store = await ports.stores.open('/db', { create: true })
      await put(store, 1, true)
      machine.disk.faults.inject({ on: 'sync', code: 'io', afterCount: 0 })
      await expect(put(store, 2, true)).rejects.toMatchObject({ code: 'io' })
      await expect(put(store, 3, false)).rejects.toMatchObject({ code: 'io' })
      machine.kill()
      outcomes.add((await keysAfterReopen(machine)).length)
    })
  expect([...outcomes].sort()).toEqual([1, 2])
})
