import { expect, test } from 'vitest'
import { directoryId, epoch, nodeId, offset } from '../../../../src/base/id.ts'
import { isControl } from '../../../../src/core/record/batch-header.ts'
import { readRecords } from '../../../../src/core/record/batch-reader.ts'
import { encodeBatch, type PlainRecord } from '../../../../src/core/record/batch-writer.ts'
import {
  decodeControlRecord,
  encodeControlRecord,
  type ControlRecord,
} from '../../../../src/core/record/control-record.ts'

const one = { nodeId: nodeId(1), directoryId: directoryId('AAAAAAAAAAEAAAAAAAAAAg') }
const two = { nodeId: nodeId(2), directoryId: directoryId('__________0AAAAAAAAABA') }

function throughBatch(records: readonly PlainRecord[]): readonly ControlRecord[] {
  const batch = encodeBatch({
    baseOffset: offset(0),
    leaderEpoch: epoch(0),
    isControl: true,
    records,
  })
  expect(isControl(batch, 0)).toBe(true)
  return readRecords(batch, 0).map(decodeControlRecord)
}

test('a leader change and a voter set come back as they were', () => {
  const change = {
    type: 'leader-change',
    leaderId: nodeId(2),
    voters: [one, two],
    grantingVoters: [two],
  } as const
  const endpoints = [{ listener: 'CONTROLLER', host: '::1', port: 65_535 }]
  const voters = {
    type: 'voters',
    voters: [
      { ...one, endpoints },
      { ...two, endpoints: [] },
    ],
  } as const
  const records = [encodeControlRecord(change, 5), encodeControlRecord(voters, 6)]
  expect(throughBatch(records)).toEqual([change, voters])
})

test('a kind of control record that is not known is passed over, not refused', () => {
  const key = new Uint8Array([0, 0, 0, 5])
  expect(throughBatch([{ key, timestampMs: 0 }])).toEqual([{ type: 'unknown', typeNumber: 5 }])
})
