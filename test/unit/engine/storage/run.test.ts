import { expect, test } from 'vitest'
import { bodiesAreSound, describeRun } from '../../../../src/engine/storage/run.ts'
import { makeBatch } from '../../../../src/sim/storage/storage-world.ts'

test('no flipped bit in a run is a defect: it changes what the run says of itself, or a body', () => {
  const bytes = new Uint8Array([
    ...makeBatch({ base: 7, tag: 'one ', bytes: 40, epoch: 3 }),
    ...makeBatch({ base: 8, tag: 'two ', bytes: 40, epoch: 3 }),
  ])
  const right = describeRun([bytes])
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const rotten = bytes.slice()
    const at = bit >> 3
    rotten[at] = (rotten[at] ?? 0) ^ (1 << (bit & 7))
    const isSame = describeRun([rotten])?.headersCrc === right?.headersCrc && bodiesAreSound(rotten)
    expect(isSame, `bit ${bit}`).toBe(false)
  }
})
