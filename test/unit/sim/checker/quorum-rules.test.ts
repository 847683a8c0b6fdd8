import { expect, test } from 'vitest'
import { epoch, offset } from '../../../../src/base/id.ts'
import { emptyImage } from '../../../../src/core/metadata/image/empty.ts'
import { QuorumRules, type QuorumView } from '../../../../src/sim/checker/quorum-rules.ts'

type Entries = readonly (readonly [epoch: number, startOffset: number])[]

function view(node: string, over: Partial<QuorumView> = {}, epochs: Entries = []): QuorumView {
  return {
    node,
    life: 1,
    isVoter: true,
    epoch: 1,
    isLeader: false,
    highWatermark: 0,
    endOffset: 0,
    durableOffset: 0,
    epochs: epochs.map(([value, start]) => ({ epoch: epoch(value), startOffset: offset(start) })),
    ...over,
  }
}

/** A log of `end` records, all on disk. */
function log(end: number): Partial<QuorumView> {
  return { endOffset: end, durableOffset: end }
}

function rulesBroken(work: (rules: QuorumRules) => void): readonly string[] {
  const broken = new Set<string>()
  work(
    new QuorumRules(({ rule }) => {
      broken.add(rule)
    }),
  )
  return [...broken]
}

test('a quorum that elects, commits, and elects again passes', () => {
  const broken = rulesBroken((rules) => {
    rules.voteGranted('b', 1, 'a')
    rules.observe([
      view('a', { isLeader: true, ...log(2) }, [[1, 0]]),
      view('b', log(2), [[1, 0]]),
      view('c'),
    ])
    rules.observe([
      view('a', { isLeader: true, highWatermark: 2, ...log(3) }, [[1, 0]]),
      view('b', log(2), [[1, 0]]),
      view('c'),
    ])
    rules.epochSaid('b', 1, 2)
    rules.epochSaid('b', 1, 1)
    rules.voteGranted('c', 2, 'b')
    rules.observe([
      view('a', { highWatermark: 2, ...log(3) }, [[1, 0]]),
      view('b', { epoch: 2, isLeader: true, highWatermark: 1, ...log(3) }, [
        [1, 0],
        [2, 2],
      ]),
      view('c', { epoch: 2, ...log(2) }, [[1, 0]]),
    ])
    rules.observe([
      view('a', { life: 2, epoch: 2, ...log(2) }, [[1, 0]]),
      view('b', { epoch: 2, isLeader: true, highWatermark: 3, ...log(3) }, [
        [1, 0],
        [2, 2],
      ]),
      view('c', { epoch: 2, ...log(3) }, [
        [1, 0],
        [2, 2],
      ]),
    ])
    expect(rules.committedOffset()).toBe(3)
  })
  expect(broken).toEqual([])
})

test('R1: two leaders of one epoch', () => {
  expect(
    rulesBroken((rules) => {
      rules.observe([view('a', { isLeader: true }), view('b', { isLeader: true })])
    }),
  ).toEqual(['R1'])
})

test('R2: an epoch goes back, in a message or over a restart', () => {
  expect(
    rulesBroken((rules) => {
      rules.epochSaid('a', 1, 3)
      rules.epochSaid('a', 2, 2)
    }),
  ).toEqual(['R2'])
  expect(
    rulesBroken((rules) => {
      rules.epochSaid('a', 1, 3)
      rules.observe([view('a', { life: 2, epoch: 2 })])
    }),
  ).toEqual(['R2'])
})

test('R3: two votes in one epoch', () => {
  expect(
    rulesBroken((rules) => {
      rules.voteGranted('a', 1, 'b')
      rules.voteGranted('a', 2, 'c')
      rules.voteGranted('a', 1, 'c')
    }),
  ).toEqual(['R3'])
})

test('R4: a high watermark goes back', () => {
  expect(
    rulesBroken((rules) => {
      const others = [view('b', log(2), [[1, 0]]), view('c', log(2), [[1, 0]])]
      rules.observe([view('a', { highWatermark: 2, ...log(2) }, [[1, 0]]), ...others])
      rules.observe([view('a', { highWatermark: 1, ...log(2) }, [[1, 0]]), ...others])
    }),
  ).toEqual(['R4'])
})

test('R5: what is committed is on the disks of no majority', () => {
  expect(
    rulesBroken((rules) => {
      rules.observe([
        view('a', { isLeader: true, highWatermark: 2, ...log(2) }, [[1, 0]]),
        view('b', { endOffset: 2, durableOffset: 1 }, [[1, 0]]),
        view('c'),
      ])
    }),
  ).toEqual(['R5'])
})

test('R6: one epoch starts at two offsets, or after two epochs', () => {
  for (const other of [
    [
      [1, 0],
      [2, 3],
    ],
    [[2, 2]],
  ] satisfies Entries[])
    expect(
      rulesBroken((rules) => {
        rules.observe([
          view('a', log(4), [
            [1, 0],
            [2, 2],
          ]),
          view('b', log(4), other),
        ])
      }),
    ).toEqual(['R6'])
})

test('R7: a leader lacks what was committed before', () => {
  expect(
    rulesBroken((rules) => {
      const others = [view('b', log(2), [[1, 0]]), view('c', log(1), [[1, 0]])]
      rules.observe([
        view('a', { isLeader: true, highWatermark: 2, ...log(2) }, [[1, 0]]),
        ...others,
      ])
      rules.observe([
        view('a', { highWatermark: 2, ...log(2) }, [[1, 0]]),
        view('b', log(2), [[1, 0]]),
        view('c', { epoch: 2, isLeader: true, ...log(1) }, [[1, 0]]),
      ])
    }),
  ).toEqual(['R7'])
})

test('R8: a log is cut below its high watermark', () => {
  const rules = (life: number): readonly string[] =>
    rulesBroken((watch) => {
      const others = [view('b', log(2), [[1, 0]]), view('c', log(2), [[1, 0]])]
      watch.observe([view('a', { highWatermark: 2, ...log(2) }, [[1, 0]]), ...others])
      watch.observe([view('a', { life, highWatermark: 2, ...log(1) }, [[1, 0]]), ...others])
    })
  expect(rules(1)).toEqual(['R8'])
  expect(rules(2)).toEqual([])
})

test('R9: a leader commits by a record of an older epoch', () => {
  expect(
    rulesBroken((rules) => {
      const others = [view('b', log(2), [[1, 0]]), view('c', log(2), [[1, 0]])]
      const leader = { epoch: 2, isLeader: true, ...log(3) }
      const epochs: Entries = [
        [1, 0],
        [2, 2],
      ]
      rules.observe([view('a', leader, epochs), ...others])
      rules.observe([view('a', { ...leader, highWatermark: 2 }, epochs), ...others])
    }),
  ).toEqual(['R9'])
})

test('R12: equal offsets with unequal images', () => {
  const image = { ...emptyImage, offset: offset(3) }
  const other = { ...image, features: image.features.set('metadata.version', 1) }
  expect(
    rulesBroken((rules) => {
      rules.observe([view('a', { image }), view('b', { image: { ...image } })])
    }),
  ).toEqual([])
  expect(
    rulesBroken((rules) => {
      rules.observe([view('a', { image }), view('b', { image: other })])
    }),
  ).toEqual(['R12'])
})
