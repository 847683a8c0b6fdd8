import { describe, expect, test } from 'vitest'
import { bytes, storageImplementations, text } from './storage-subjects.ts'

describe.each(storageImplementations)('files of $name', ({ use }) => {
  test('a gathered write puts its slices one after the other at its position', async () => {
    await use(async ({ files, root }) => {
      const file = await files.open(`${root}/a`, { mode: 'create' })
      await file.write(2, [bytes('one'), bytes(''), bytes('two')])
      expect(await file.size()).toBe(8)
      expect(Array.from(await file.read(0, 2))).toEqual([0, 0])
      expect(text(await file.read(2, 6))).toBe('onetwo')
      await file.close()
    })
  })

  test('a gathered write takes thousands of slices', async () => {
    await use(async ({ files, root }) => {
      const file = await files.open(`${root}/a`, { mode: 'create', durable: true })
      await file.write(
        0,
        Array.from({ length: 3000 }, (_, index) => bytes(`${index % 10}`)),
      )
      expect(text(await file.read(2995, 100))).toBe('56789')
      await file.close()
    })
  })

  test('a read at the end of the file is short, past the end empty', async () => {
    await use(async ({ files, root }) => {
      const file = await files.open(`${root}/a`, { mode: 'create' })
      await file.write(0, [bytes('abc')])
      expect(text(await file.read(1, 10))).toBe('bc')
      expect((await file.read(3, 10)).length).toBe(0)
      expect((await file.read(99, 10)).length).toBe(0)
      await file.close()
    })
  })

  test('a write inside the file replaces only its own bytes', async () => {
    await use(async ({ files, root }) => {
      const file = await files.open(`${root}/a`, { mode: 'create' })
      await file.write(0, [bytes('abcdef')])
      await file.sync()
      await file.write(2, [bytes('XY')])
      expect(text(await file.read(0, 10))).toBe('abXYef')
      await file.close()
    })
  })

  test('allocation fills with zeros up to a length and never shortens', async () => {
    await use(async ({ files, root }) => {
      const file = await files.open(`${root}/a`, { mode: 'create' })
      await file.write(0, [bytes('abc')])
      await file.allocate(3_000_000)
      await file.allocate(10)
      await file.sync()
      expect(await file.size()).toBe(3_000_000)
      expect(text(await file.read(0, 3))).toBe('abc')
      expect((await file.read(2_999_000, 2000)).every((byte) => byte === 0)).toBe(true)
      await file.close()
    })
  })

  test('what was written is there when the file is opened again', async () => {
    await use(async ({ files, root }) => {
      const file = await files.open(`${root}/a`, { mode: 'create' })
      await file.write(0, [bytes('kept')])
      await file.close()
      await file.close()
      const again = await files.open(`${root}/a`, { mode: 'read' })
      expect(text(await again.read(0, 10))).toBe('kept')
      await expect(again.write(0, [bytes('x')])).rejects.toMatchObject({ name: 'StorageFault' })
      await again.close()
      await expect(again.read(0, 1)).rejects.toMatchObject({ code: 'closed' })
    })
  })

  test('creating refuses an existing file, opening an absent one', async () => {
    await use(async ({ files, root }) => {
      await (await files.open(`${root}/a`, { mode: 'create' })).close()
      await expect(files.open(`${root}/a`, { mode: 'create' })).rejects.toMatchObject({
        code: 'exists',
      })
      for (const mode of ['read', 'write'] as const)
        await expect(files.open(`${root}/b`, { mode })).rejects.toMatchObject({ code: 'not-found' })
      await expect(files.open(`${root}/none/b`, { mode: 'create' })).rejects.toMatchObject({
        code: 'not-found',
      })
    })
  })

  test('directories are made with their parents, and listed in order', async () => {
    await use(async ({ files, root }) => {
      await files.makeDirectory(`${root}/x/y`)
      await files.makeDirectory(`${root}/x/y`)
      for (const name of ['b', 'a', 'c'])
        await (await files.open(`${root}/x/${name}`, { mode: 'create' })).close()
      await files.syncDirectory(`${root}/x`)
      expect(await files.list(`${root}/x`)).toEqual(['a', 'b', 'c', 'y'])
      await expect(files.list(`${root}/z`)).rejects.toMatchObject({ code: 'not-found' })
      await expect(files.syncDirectory(`${root}/z`)).rejects.toMatchObject({ code: 'not-found' })
      await expect(files.makeDirectory(`${root}/x/a`)).rejects.toMatchObject({ code: 'exists' })
    })
  })

  test('a rename replaces its target, removal takes a whole directory', async () => {
    await use(async ({ files, root }) => {
      await files.makeDirectory(`${root}/x`)
      for (const name of ['old', 'new']) {
        const file = await files.open(`${root}/x/${name}`, { mode: 'create' })
        await file.write(0, [bytes(name)])
        await file.close()
      }
      await files.rename(`${root}/x/new`, `${root}/x/old`)
      const file = await files.open(`${root}/x/old`, { mode: 'read' })
      expect(text(await file.read(0, 10))).toBe('new')
      await file.close()
      expect(await files.exists(`${root}/x/new`)).toBe(false)
      await files.remove(`${root}/x`)
      await files.remove(`${root}/x`)
      expect(await files.exists(`${root}/x`)).toBe(false)
      expect(await files.exists(`${root}/x/old`)).toBe(false)
      await expect(files.rename(`${root}/p`, `${root}/q`)).rejects.toMatchObject({
        code: 'not-found',
      })
    })
  })

  test('an open file outlives its name', async () => {
    await use(async ({ files, root }) => {
      const file = await files.open(`${root}/a`, { mode: 'create' })
      await file.write(0, [bytes('abc')])
      await files.remove(`${root}/a`)
      expect(text(await file.read(0, 3))).toBe('abc')
      await file.close()
    })
  })

  test('a directory is locked by one holder at a time', async () => {
    await use(async ({ files, root }) => {
      await files.makeDirectory(`${root}/x`)
      const lock = await files.lock(`${root}/x`)
      await expect(files.lock(`${root}/x`)).rejects.toMatchObject({ code: 'locked' })
      await lock.release()
      await lock.release()
      await (await files.lock(`${root}/x`)).release()
      await expect(files.lock(`${root}/none`)).rejects.toMatchObject({ code: 'not-found' })
    })
  })

  test('the file system tells its space, the machine its boot', async () => {
    await use(async ({ files, root }) => {
      const { freeBytes, totalBytes } = await files.space(root)
      expect(freeBytes).toBeGreaterThan(0)
      expect(totalBytes).toBeGreaterThanOrEqual(freeBytes)
      expect(await files.bootId()).toBe(await files.bootId())
    })
  })
})
