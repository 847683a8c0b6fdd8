/** When a snapshot of a log's producers gets into the table, and which stay there. */
import { expect, test } from 'vitest'
import { epoch, offset, type Offset } from '../../../../src/base/id.ts'
import { EpochHistory } from '../../../../src/core/record/epoch-history.ts'
import { openSimHost } from '../../../../src/edge/system/sim-host.ts'
import { type KeyValueOperation } from '../../../../src/engine/ports/key-value-store.ts'
import { type ProducersSnapshot } from '../../../../src/engine/storage/partition-log.ts'
import {
  ProducersSnapshots,
  type LogRange,
} from '../../../../src/engine/storage/producers-snapshots.ts'
import { lastOffsetOf } from '../../../../src/engine/storage/keys.ts'
import { makeBatch, makeLog, StorageWorld } from '../../../../src/sim/storage/storage-world.ts'

const host = openSimHost()
const oneSegment = (): Offset => offset(0)

function snapshotAt(end: number, of = 1): ProducersSnapshot {
  return { endOffset: offset(end), epoch: epoch(of), bytes: Uint8Array.of(end) }
}

/** A log of epoch 1, and from `changedAt` on of epoch 2. */
function logTo(end: number, changedAt?: number): LogRange {
  const epochs = new EpochHistory([{ epoch: epoch(1), startOffset: offset(0) }])
  if (changedAt !== undefined) epochs.assign(epoch(2), offset(changedAt))
  return { start: offset(0), end: offset(end), epochs }
}

function kindsOf(operations: readonly KeyValueOperation[]): readonly string[] {
  return operations.map(({ type }) => type)
}

test('a snapshot is written when the table reaches its offset, not before', () => {
  const snapshots = new ProducersSnapshots(1)
  snapshots.offer(snapshotAt(10))
  expect(snapshots.reached(logTo(9), oneSegment)).toEqual([])
  expect(snapshots.newest(logTo(10))).toEqual(snapshotAt(10))
  expect(kindsOf(snapshots.reached(logTo(12), oneSegment))).toEqual(['put'])
  expect(snapshots.reached(logTo(13), oneSegment)).toEqual([])
})

test('while the table is behind, the first that it will reach and the newest wait', () => {
  const snapshots = new ProducersSnapshots(1)
  for (const end of [10, 20, 30, 40]) snapshots.offer(snapshotAt(end))
  expect(kindsOf(snapshots.reached(logTo(15), oneSegment))).toEqual(['put'])
  expect(snapshots.newest(logTo(15))).toEqual(snapshotAt(10))
  expect(kindsOf(snapshots.reached(logTo(40), oneSegment))).toEqual(['put'])
  expect(snapshots.newest(logTo(40))).toEqual(snapshotAt(40))
})

test('a snapshot of records that were cut off and written anew is not written', () => {
  const snapshots = new ProducersSnapshots(1)
  snapshots.offer(snapshotAt(10))
  expect(snapshots.reached(logTo(12, 8), oneSegment)).toEqual([])
  expect(snapshots.newest(logTo(12, 8))).toBeUndefined()
})

test('the newest two stay, and the last of some segments before', () => {
  const snapshots = new ProducersSnapshots(1)
  const segmentOver = (end: Offset): Offset => offset(Math.floor((end - 1) / 100) * 100)
  const rows = new Set<number>()
  for (let end = 10; end <= 1000; end += 10) {
    snapshots.offer(snapshotAt(end))
    for (const { type, key } of snapshots.reached(logTo(end), segmentOver)) {
      const at = lastOffsetOf(key)
      if (type === 'put') rows.add(at)
      else rows.delete(at)
    }
  }
  expect([...rows]).toEqual([700, 800, 900, 990, 1000])
})

test('after a crash a log has the snapshot of what its table has, whatever the journal holds behind it', async () => {
  const world = new StorageWorld({ seed: 3, host })
  await world.scheduler.run(async () => {
    await world.format()
    const directory = await world.open()
    const log = await makeLog(directory, 1)
    await log.append(makeBatch({ base: 0, tag: 'large', bytes: 100_000 }))
    log.saveProducers({ ...snapshotAt(1), epoch: log.lastEpoch() ?? epoch(0) })
    await world.pass(1000)
    await log.append(makeBatch({ base: 1, tag: 'small', bytes: 300 }))
    log.saveProducers({ ...snapshotAt(2), epoch: log.lastEpoch() ?? epoch(0) })
    world.kill()
    const [same] = (await world.open()).logs()
    expect(same?.endOffset()).toBe(2)
    expect(same?.producersSnapshot()?.endOffset).toBe(1)
  })
})
