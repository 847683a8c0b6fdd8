/**
 * Where the replicas of new partitions go. Each next replica goes to the least used candidate:
 *
 *     leaders    fewest leaderships of this topic, then fewest replicas of it
 *     followers  a rack that the partition does not use yet, then fewest replicas of the topic, then
 *                fewest times behind this very leader (so that a lost leader's load is spread)
 *
 * Ties fall in an order shuffled by the seed, so that small topics do not all start on broker 1.
 * Brokers that are not active are used only when there are too few others, and never as leaders.
 */
import { assert } from '../../../base/assert.ts'
import { type NodeId } from '../../../base/id.ts'
import { seededRandom } from '../../../base/random.ts'

/** A broker that may get replicas. */
export interface PlacementBroker {
  readonly id: NodeId
  readonly rack?: string
  readonly isActive: boolean
}

/** What is to be placed. */
export interface PlacementWish {
  readonly partitionCount: number
  readonly replicationFactor: number
  /** Replicas of the partitions that the topic has already. */
  readonly existing: readonly (readonly NodeId[])[]
  readonly seed: string
}

/** Replicas of each new partition, the preferred leader first. The factor is at most the broker count, and one broker is active. */
export function placeReplicas(
  brokers: readonly PlacementBroker[],
  wish: PlacementWish,
): readonly (readonly NodeId[])[] {
  assert(wish.replicationFactor <= brokers.length, 'more replicas than brokers')
  const order = shuffled(brokers, wish.seed)
  const loads = new Map(order.map(({ id }) => [id, new Load()]))
  const loadOf = (id: NodeId): Load => {
    const load = loads.get(id) ?? new Load()
    loads.set(id, load)
    return load
  }
  const note = (replicas: readonly NodeId[]): void => {
    const [leader] = replicas
    replicas.forEach((id) => {
      loadOf(id).add(id === leader ? undefined : leader)
    })
  }
  wish.existing.forEach(note)
  return Array.from({ length: wish.partitionCount }, () => {
    const replicas = placeOne(order, wish.replicationFactor, loadOf)
    note(replicas)
    return replicas
  })
}

class Load {
  leaderCount = 0
  replicaCount = 0
  readonly #followed = new Map<NodeId, number>()

  add(leader: NodeId | undefined): void {
    this.replicaCount += 1
    if (leader === undefined) this.leaderCount += 1
    else this.#followed.set(leader, this.behind(leader) + 1)
  }

  behind(leader: NodeId): number {
    return this.#followed.get(leader) ?? 0
  }
}

function placeOne(
  order: readonly PlacementBroker[],
  replicationFactor: number,
  loadOf: (id: NodeId) => Load,
): readonly NodeId[] {
  const active = order.filter(({ isActive }) => isActive)
  const leader = least(active, ({ id }) => [loadOf(id).leaderCount, loadOf(id).replicaCount])
  const chosen = [leader]
  while (chosen.length < replicationFactor) {
    const racks = new Set(chosen.map(({ rack }) => rack ?? ''))
    const others = order.filter((broker) => !chosen.includes(broker))
    const next = least(others, ({ id, rack, isActive }) => [
      isActive ? 0 : 1,
      racks.has(rack ?? '') ? 1 : 0,
      loadOf(id).replicaCount,
      loadOf(id).behind(leader.id),
    ])
    chosen.push(next)
  }
  return chosen.map(({ id }) => id)
}

// The first of the smallest, so the shuffled order breaks ties.
function least(
  brokers: readonly PlacementBroker[],
  costOf: (broker: PlacementBroker) => readonly number[],
): PlacementBroker {
  let best: { readonly broker: PlacementBroker; readonly cost: readonly number[] } | undefined
  for (const broker of brokers) {
    const cost = costOf(broker)
    if (best === undefined || isLess(cost, best.cost)) best = { broker, cost }
  }
  assert(best !== undefined, 'no broker is left to place a replica on')
  return best.broker
}

function isLess(left: readonly number[], right: readonly number[]): boolean {
  for (const [index, value] of left.entries()) {
    const other = right[index] ?? 0
    if (value !== other) return value < other
  }
  return false
}

function shuffled(brokers: readonly PlacementBroker[], seed: string): readonly PlacementBroker[] {
  const random = seededRandom(seed)
  return brokers
    .map((broker) => ({ broker, key: random.next() }))
    .toSorted((left, right) => left.key - right.key)
    .map(({ broker }) => broker)
}
