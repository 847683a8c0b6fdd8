import { expect, test } from 'vitest'
import { clusterId, nodeId } from '../../../../src/base/id.ts'
import { openSimHost } from '../../../../src/edge/system/sim-host.ts'
import { type FileStore } from '../../../../src/engine/ports/file-store.ts'
import { LogDirectory } from '../../../../src/engine/storage/log-directory.ts'
import {
  appendTo,
  makeLog,
  smallStorage,
  StorageWorld,
} from '../../../../src/sim/storage/storage-world.ts'

const host = openSimHost()

/** The same files; `open` has the paths of those that are not closed. */
function watched(files: FileStore, open: Set<string>): FileStore {
  return {
    ...bound(files),
    open: async (path, how) => {
      const file = await files.open(path, how)
      open.add(path)
      return {
        read: async (position, length) => file.read(position, length),
        write: async (position, slices) => file.write(position, slices),
        sync: async () => file.sync(),
        size: async () => file.size(),
        allocate: async (length) => file.allocate(length),
        close: async () => {
          open.delete(path)
          await file.close()
        },
      }
    },
  }
}

function bound(files: FileStore): FileStore {
  return {
    open: async (path, how) => files.open(path, how),
    list: async (directory) => files.list(directory),
    makeDirectory: async (directory) => files.makeDirectory(directory),
    syncDirectory: async (directory) => files.syncDirectory(directory),
    rename: async (from, to) => files.rename(from, to),
    remove: async (path) => files.remove(path),
    exists: async (path) => files.exists(path),
    space: async (path) => files.space(path),
    lock: async (directory) => files.lock(directory),
    bootId: async () => files.bootId(),
  }
}

for (const part of ['journal', 'segments'])
  test(`no file in ${part} stays open when making one fails`, async () => {
    for (let afterCount = 0; afterCount < 12; afterCount++) {
      const world = new StorageWorld({ seed: afterCount, host })
      await world.scheduler.run(async () => {
        await world.format()
        const { ports } = world.machine.start()
        const open = new Set<string>()
        const directory = await LogDirectory.open({
          ports: { ...ports, files: watched(ports.files, open) },
          path: world.path,
          clusterId: clusterId('C'.repeat(22)),
          nodeId: nodeId(1),
          settings: smallStorage,
        })
        const log = await makeLog(directory, 1)
        const pathPrefix = `${world.path}/${part}`
        world.machine.disk.faults.inject({ on: 'write', code: 'io', afterCount, pathPrefix })
        const append = async (): Promise<unknown> => appendTo(log, 'a', { bytes: 3000 })
        for (let count = 0; count < 60 && directory.state() === 'online'; count++)
          await append().catch(() => undefined)
        await directory.close()
        expect([...open]).toEqual([])
      })
    }
  })
