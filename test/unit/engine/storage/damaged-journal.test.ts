import { expect, test } from 'vitest'
import {
  clusterId,
  epoch,
  nodeId,
  offset,
  partitionIndex,
  topicId,
} from '../../../../src/base/id.ts'
import { encodeBatch } from '../../../../src/core/record/batch-writer.ts'
import { openSimHost } from '../../../../src/edge/system/sim-host.ts'
import { LogDirectory } from '../../../../src/engine/storage/log-directory.ts'
import { plainPolicy, type PartitionLog } from '../../../../src/engine/storage/partition-log.ts'
import { SimMachine } from '../../../../src/sim/sim-machine.ts'
import { SimScheduler } from '../../../../src/sim/sim-scheduler.ts'
import { smallStorage } from '../../../../src/sim/storage/storage-world.ts'

const identity = { clusterId: clusterId('AAAAAAAAAAAAAAAAAAAAAQ'), nodeId: nodeId(1) }
const name = { topicId: topicId('AAAAAAAAAAAAAAAAAAAAAw'), partition: partitionIndex(0) }

async function append(log: PartitionLog, count: number, leaderEpoch: number): Promise<void> {
  for (let done = 0; done < count; done++) {
    const value = new TextEncoder().encode(`value ${log.endOffset()} of ${leaderEpoch}`)
    await log.append(
      encodeBatch({
        records: [{ value, timestampMs: 1 }],
        baseOffset: log.endOffset(),
        leaderEpoch: epoch(leaderEpoch),
      }),
    )
  }
}

/** Flips a bit of the journal where a text stands. */
function damage(machine: SimMachine, text: string): void {
  for (const path of machine.disk.filePaths()) {
    const entry = machine.disk.find(path)
    if (entry?.type !== 'file' || !path.endsWith('.journal')) continue
    const at = Buffer.from(entry.inode.read(0, entry.inode.size)).indexOf(text)
    if (at >= 0) machine.disk.flipBit(path, at)
  }
}

test('what is appended after a damaged journal was cut is there at the next open', async () => {
  const sim = new SimScheduler({ seed: 1, host: openSimHost() })
  const machine = new SimMachine(sim, 'one')
  const open = async (): Promise<LogDirectory> => {
    machine.kill()
    const { ports } = machine.start()
    return LogDirectory.open({ ports, path: '/d', ...identity, settings: smallStorage })
  }
  await sim.run(async () => {
    await LogDirectory.format({ ...machine.start().ports, path: '/d', ...identity })
    const first = await (await open()).createLog({ ...name, policy: plainPolicy('ack', 65_536) })
    await append(first, 10, 1)
    await new Promise<void>((resolve) => sim.after(300, resolve))
    await append(first, 3, 1)
    damage(machine, 'value 5 of 1')

    const cut = await open()
    expect(cut.report.uncleanLogs).toMatchObject([{ reason: 'corrupt', endOffset: 5 }])
    await cut.reportIsTaken()
    const refetched = cut.find(name.topicId, name.partition)
    if (refetched !== undefined) await append(refetched, 8, 2)

    const again = await open()
    expect(again.report.uncleanLogs).toEqual([])
    const log = again.find(name.topicId, name.partition)
    expect(log?.endOffset()).toBe(13)
    expect(log?.epochs().entries()).toEqual([
      { epoch: 1, startOffset: offset(0) },
      { epoch: 2, startOffset: offset(5) },
    ])
  })
})
