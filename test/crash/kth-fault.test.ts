/**
 * ENOSPC, EIO, a failed sync and a torn write at every k-th act, k = 1 … 300: nothing that was
 * acknowledged is gone, unless the log is reported as one that another replica must give again; no
 * byte is wrong; the fault has a name. In the simulator all of them, with the power lost afterwards;
 * on real files and LevelDB some of them here, all by `KTH_FAULTS=all`.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { clusterId, nodeId } from '../../src/base/id.ts'
import { storagePorts } from '../../src/app/server/storage-ports.ts'
import { sleep } from '../../src/engine/runtime/sleep.ts'
import { LogDirectory } from '../../src/engine/storage/log-directory.ts'
import { type StorageSettings } from '../../src/engine/storage/storage-settings.ts'
import { openSimHost } from '../../src/edge/system/sim-host.ts'
import { smallStorage, StorageWorld } from '../../src/sim/storage/storage-world.ts'
import { runWithFault } from './kth-fault/campaign.ts'
import { faultKinds, FaultyPorts, type FaultKind } from './kth-fault/faulty-ports.ts'

const kMax = 300
const settings: StorageSettings = { ...smallStorage, settleBytes: 2048, scrubIntervalMs: 0 }
const host = openSimHost()

interface Fault {
  readonly kind: FaultKind
  readonly k: number
}

/** What is wrong, and whether the fault came at all. */
interface Run {
  readonly wrong: readonly string[]
  readonly hasFailed: boolean
}

async function inSimulation(fault: Fault): Promise<Run> {
  const world = new StorageWorld({ seed: `${fault.kind} ${fault.k}`, host, settings })
  let faulty: FaultyPorts | undefined
  let wrong: readonly string[] = []
  await world.scheduler.run(async () => {
    await world.format()
    wrong = await runWithFault({
      open: async (isFaulty) =>
        world.open(settings, (ports) => {
          if (!isFaulty) return ports
          faulty = new FaultyPorts(ports, fault)
          return faulty
        }),
      rest: async () => world.pass(100),
      end: async () => {
        world.powerOff()
        return Promise.resolve()
      },
    })
  })
  return { wrong, hasFailed: faulty?.hasFailed ?? false }
}

async function onRealFiles(fault: Fault): Promise<Run> {
  const root = mkdtempSync(path.join(tmpdir(), 'sluice-fault-'))
  const where = {
    path: path.join(root, 'data'),
    clusterId: clusterId('C'.repeat(22)),
    nodeId: nodeId(1),
  }
  const ports = storagePorts()
  const faulty = new FaultyPorts(ports, fault)
  try {
    await LogDirectory.format({ ...ports, ...where })
    const wrong = await runWithFault({
      open: async (isFaulty) =>
        LogDirectory.open({
          ...{ ...where, settings },
          ports: isFaulty ? { ...ports, files: faulty.files, stores: faulty.stores } : ports,
        }),
      rest: async () => sleep(ports.clock, 60),
      end: async (directory) => {
        await directory?.close().catch(() => undefined)
      },
    })
    return { wrong, hasFailed: faulty.hasFailed }
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

test.each(faultKinds)('%s at every k-th act, k = 1 … 300, in the simulator', async (kind) => {
  let failedCount = 0
  for (let k = 1; k <= kMax; k++) {
    const { wrong, hasFailed } = await inSimulation({ kind, k })
    expect(wrong, `${kind} ${k}`).toEqual([])
    if (hasFailed) failedCount += 1
  }
  expect(failedCount).toBe(kMax)
})

test.each(faultKinds)('%s at a k-th act on real files and LevelDB', async (kind) => {
  const isFull = process.env['KTH_FAULTS'] === 'all'
  let failedCount = 0
  let runCount = 0
  for (let k = 1; k <= kMax; k += isFull ? 1 : Math.max(1, Math.floor(k / 4))) {
    const { wrong, hasFailed } = await onRealFiles({ kind, k })
    expect(wrong, `${kind} ${k}`).toEqual([])
    runCount += 1
    if (hasFailed) failedCount += 1
  }
  expect(failedCount).toBeGreaterThan(runCount / 2)
})
