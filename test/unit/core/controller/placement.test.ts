import { expect, test } from 'vitest'
import { nodeId, type NodeId } from '../../../../src/base/id.ts'
import {
  placeReplicas,
  type PlacementBroker,
} from '../../../../src/core/controller/placement/place.ts'

function brokers(count: number, rackCount = 0): readonly PlacementBroker[] {
  return Array.from({ length: count }, (_, index) => ({
    id: nodeId(index + 1),
    ...(rackCount > 0 && { rack: `r${index % rackCount}` }),
    isActive: true,
  }))
}

function counts(ids: readonly NodeId[]): readonly number[] {
  const byId = new Map<NodeId, number>()
  for (const id of ids) byId.set(id, (byId.get(id) ?? 0) + 1)
  return [...byId.values()]
}

test('leaders and replicas are spread evenly', () => {
  const placed = placeReplicas(brokers(5), {
    partitionCount: 50,
    replicationFactor: 3,
    existing: [],
    seed: 's',
  })
  expect(counts(placed.map(([leader]) => leader as NodeId))).toEqual([10, 10, 10, 10, 10])
  for (const count of counts(placed.flat())) expect(Math.abs(count - 30)).toBeLessThan(2)
})

test('the followers of one leader are spread, so that its loss burdens all', () => {
  const placed = placeReplicas(brokers(4), {
    partitionCount: 24,
    replicationFactor: 2,
    existing: [],
    seed: 's',
  })
  for (const leader of [1, 2, 3, 4]) {
    const behind = placed.filter(([first]) => first === leader).map(([, second]) => second)
    expect(counts(behind as NodeId[])).toEqual([2, 2, 2])
  }
})

test('replicas of a partition are in as many racks as there are', () => {
  const all = brokers(6, 3)
  const placed = placeReplicas(all, {
    partitionCount: 30,
    replicationFactor: 3,
    existing: [],
    seed: 's',
  })
  for (const replicas of placed) {
    expect(new Set(replicas.map((id) => all.find((one) => one.id === id)?.rack)).size).toBe(3)
  }
})

test('a broker out of service leads nothing and is used only when needed', () => {
  const [first, ...others] = brokers(4)
  const all = [{ id: nodeId(1), ...first, isActive: false }, ...others]
  const place = (replicationFactor: number): readonly (readonly NodeId[])[] =>
    placeReplicas(all, { partitionCount: 12, replicationFactor, existing: [], seed: 's' })
  expect(place(3).flat()).not.toContain(1)
  for (const replicas of place(4)) expect(replicas.indexOf(nodeId(1))).toBe(3)
})

test('new partitions even out what the topic has already', () => {
  const placed = placeReplicas(brokers(2), {
    partitionCount: 2,
    replicationFactor: 1,
    existing: [[nodeId(1)], [nodeId(1)]],
    seed: 's',
  })
  expect(placed).toEqual([[2], [2]])
})

test('the seed decides where a topic starts', () => {
  const starts = Array.from({ length: 40 }, (_, seed) =>
    placeReplicas(brokers(3), {
      partitionCount: 1,
      replicationFactor: 1,
      existing: [],
      seed: `${seed}`,
    }).join(),
  )
  expect(new Set(starts)).toEqual(new Set(['1', '2', '3']))
})
