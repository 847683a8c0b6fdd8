import { describe, expect, test } from 'vitest'
import { type KeyValueOperation } from '../../src/engine/ports/key-value-store.ts'
import { bytes, storageImplementations, text } from './storage-subjects.ts'

function put(key: string, value: string): KeyValueOperation {
  return { type: 'put', key: bytes(key), value: bytes(value) }
}

const everything = { from: new Uint8Array(), to: Uint8Array.of(255, 255) }

describe.each(storageImplementations)('key-value stores of $name', ({ use }) => {
  test('a batch is applied as one, in its order', async () => {
    await use(async ({ stores, root }) => {
      const store = await stores.open(`${root}/db`, { create: true })
      await store.batch([put('a', '1'), put('b', '2'), put('a', '3')], { sync: true })
      await store.batch([{ type: 'delete', key: bytes('b') }, put('c', '4')], { sync: false })
      expect(text(await store.get(bytes('a')))).toBe('3')
      expect(text(await store.get(bytes('b')))).toBe('(absent)')
      expect(text(await store.get(bytes('c')))).toBe('4')
      await store.close()
    })
  })

  test('a scan gives a range in byte order, from one end or the other', async () => {
    await use(async ({ stores, root }) => {
      const store = await stores.open(`${root}/db`, { create: true })
      const keys = [[0], [0, 0], [1], [127], [128], [200, 1], [255]]
      await store.batch(
        [...keys].reverse().map((key) => ({
          type: 'put' as const,
          key: Uint8Array.from(key),
          value: Uint8Array.from(key),
        })),
        { sync: false },
      )
      const all = await store.scan(everything, 100)
      expect(all.map(({ key }) => Array.from(key))).toEqual(keys)
      const range = { from: Uint8Array.of(1), to: Uint8Array.of(200, 1) }
      const forward = await store.scan(range, 2)
      expect(forward.map(({ key }) => Array.from(key))).toEqual([[1], [127]])
      const backward = await store.scan({ ...range, reverse: true }, 2)
      expect(backward.map(({ key }) => Array.from(key))).toEqual([[128], [127]])
      await store.close()
    })
  })

  test('a cursor walks the snapshot of its opening to the end', async () => {
    await use(async ({ stores, root }) => {
      const store = await stores.open(`${root}/db`, { create: true })
      const names = Array.from({ length: 500 }, (_, index) => String(index).padStart(3, '0'))
      const big = 'x'.repeat(10_000)
      await store.batch(
        names.map((name) => put(name, big)),
        { sync: false },
      )
      const cursor = store.cursor(everything)
      await store.batch([put('999', 'late')], { sync: false })
      const seen: string[] = []
      for (;;) {
        const entries = await cursor.next(64)
        if (entries.length === 0) break
        expect(entries.length).toBeLessThanOrEqual(64)
        for (const { key } of entries) seen.push(text(key))
      }
      await cursor.close()
      expect(seen).toEqual(names)
      await store.close()
    })
  })

  test('what was written is there when the store is opened again', async () => {
    await use(async ({ stores, root }) => {
      const store = await stores.open(`${root}/db`, { create: true })
      await store.batch([put('a', '1')], { sync: true })
      await store.batch([put('b', '2')], { sync: false })
      await store.close()
      await store.close()
      const again = await stores.open(`${root}/db`, { create: false })
      expect(text(await again.get(bytes('a')))).toBe('1')
      expect(text(await again.get(bytes('b')))).toBe('2')
      await again.close()
    })
  })

  test('creating refuses an existing store, opening an absent one', async () => {
    await use(async ({ files, stores, root }) => {
      await expect(stores.open(`${root}/db`, { create: false })).rejects.toMatchObject({
        code: 'not-found',
      })
      expect(await files.exists(`${root}/db`)).toBe(false)
      await (await stores.open(`${root}/db`, { create: true })).close()
      await expect(stores.open(`${root}/db`, { create: true })).rejects.toMatchObject({
        code: 'exists',
      })
      expect(await files.exists(`${root}/db`)).toBe(true)
    })
  })

  test('a store is open once at a time, and a closed one refuses work', async () => {
    await use(async ({ stores, root }) => {
      const store = await stores.open(`${root}/db`, { create: true })
      await expect(stores.open(`${root}/db`, { create: false })).rejects.toMatchObject({
        code: 'locked',
      })
      await store.close()
      for (const work of [
        async () => store.get(bytes('a')),
        async () => store.batch([put('a', '1')], { sync: true }),
        async () => store.scan(everything, 1),
      ])
        await expect(work()).rejects.toMatchObject({ code: 'closed' })
    })
  })

  test('the caller may reuse its bytes as soon as a batch was called', async () => {
    await use(async ({ stores, root }) => {
      const store = await stores.open(`${root}/db`, { create: true })
      const value = bytes('before')
      const done = store.batch([{ type: 'put', key: bytes('a'), value }], { sync: true })
      value.fill(0)
      await done
      expect(text(await store.get(bytes('a')))).toBe('before')
      await store.close()
    })
  })
})
