import fc from 'fast-check'
import { expect, test } from 'vitest'
import { offset } from '../../src/base/id.ts'
import { decodeProducers, encodeProducers } from '../../src/core/replica/producer-snapshot.ts'
import { ProducerState, type ProducerClaim } from '../../src/core/replica/producer-state.ts'

/** What is in the log, record by record; records of nobody in between. */
type LogRecord =
  { readonly id: number; readonly epoch: number; readonly sequence: number } | undefined

const claim: fc.Arbitrary<ProducerClaim> = fc.record({
  producerId: fc.nat(1),
  producerEpoch: fc.nat(2),
  firstSequence: fc.nat(12),
  recordCount: fc.integer({ min: 1, max: 4 }),
})
const step = fc.oneof(
  { weight: 5, arbitrary: claim },
  { weight: 3, arbitrary: fc.constant('next' as const) },
  { weight: 1, arbitrary: fc.constant('other' as const) },
)

/** Straight from the rules, by looking through the whole log. */
function judge(log: readonly LogRecord[], wanted: ProducerClaim): string {
  const { producerId: id, producerEpoch, firstSequence, recordCount } = wanted
  const own = log.flatMap((record, at) => (record?.id === id ? [{ ...record, at }] : []))
  const last = own.at(-1)
  if (last === undefined || producerEpoch > last.epoch)
    return firstSequence === 0 ? 'accept' : 'OUT_OF_ORDER_SEQUENCE_NUMBER'
  if (producerEpoch < last.epoch) return 'INVALID_PRODUCER_EPOCH'
  if (firstSequence === last.sequence + 1) return 'accept'
  const present = own.filter(({ epoch }) => epoch === last.epoch)
  const breaks = present.filter(({ at }, index) => present[index - 1]?.at !== at - 1)
  const from = breaks.at(-5)?.at ?? 0
  const window = present.filter(({ at }) => at >= from)
  const first = window.find(({ sequence }) => sequence === firstSequence)
  const isThere =
    first !== undefined &&
    Array.from({ length: recordCount }, (_, index) => index).every((index) =>
      window.some(
        ({ at, sequence }) => at === first.at + index && sequence === firstSequence + index,
      ),
    )
  return isThere ? `duplicate ${first.at}` : 'OUT_OF_ORDER_SEQUENCE_NUMBER'
}

function verdictText(state: ProducerState, wanted: ProducerClaim): string {
  const verdict = state.check(wanted)
  if (verdict.type === 'duplicate') return `duplicate ${verdict.baseOffset}`
  return verdict.type === 'refuse' ? verdict.code : 'accept'
}

function nextOf(log: readonly LogRecord[], id: number): ProducerClaim {
  const last = log.findLast((record) => record?.id === id)
  const firstSequence = last === undefined ? 0 : last.sequence + 1
  return { producerId: id, producerEpoch: last?.epoch ?? 0, firstSequence, recordCount: 2 }
}

/** Appends to both. */
function append(log: LogRecord[], states: readonly ProducerState[], wanted: ProducerClaim): void {
  const batch = { ...wanted, baseOffset: offset(log.length), appendTimeMs: -1 }
  for (const state of states) state.replay(batch, 0)
  const { producerId: id, producerEpoch: epoch, firstSequence, recordCount } = wanted
  for (let index = 0; index < recordCount; index++)
    log.push({ id, epoch, sequence: firstSequence + index })
}

test('verdicts are those of a model that looks through the whole log, also behind a snapshot', () => {
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 60, size: 'max' }),
      fc.nat(60),
      (steps, snapshotAfter) => {
        const log: LogRecord[] = []
        const state = new ProducerState(offset(0))
        let restored: ProducerState | undefined
        for (const [index, each] of steps.entries()) {
          if (index === snapshotAfter) {
            const at = { endOffset: offset(log.length), nowMs: 0 }
            restored = decodeProducers(encodeProducers(state, 0), at)
          }
          if (each === 'other') {
            log.push(undefined)
            continue
          }
          const wanted = each === 'next' ? nextOf(log, index % 2) : each
          const expected = judge(log, wanted)
          expect(verdictText(state, wanted)).toBe(expected)
          if (restored !== undefined) expect(verdictText(restored, wanted)).toBe(expected)
          const states = restored === undefined ? [state] : [state, restored]
          if (expected === 'accept') append(log, states, wanted)
        }
        const values = log.flatMap((record) =>
          record === undefined ? [] : [JSON.stringify(record)],
        )
        expect(new Set(values).size).toBe(values.length)
      },
    ),
    { numRuns: 300 },
  )
})
