/**
 * What one seed looks like: how many nodes with which roles, which settings, which kinds of fault and
 * how often (a swarm: each seed switches some kinds off, so that rare combinations come up).
 */
import { type Random } from '../../base/random.ts'
import { type LinkDelays } from '../sim-links.ts'

/** One node of the plan. */
export interface PlannedNode {
  readonly id: number
  readonly roles: readonly ('broker' | 'controller')[]
}

/** Kinds of fault. */
export type FaultKind =
  | 'kill'
  | 'power-loss'
  | 'power-loss-all'
  | 'isolate'
  | 'cut-one-way'
  | 'pause'
  | 'reset'
  | 'disk-full'
  | 'disk-error'
  | 'shutdown'
  | 'slow-disk'

/** The plan of one seed. */
export interface ClusterShape {
  readonly nodes: readonly PlannedNode[]
  readonly settings: Readonly<Record<string, string>>
  /** The log directories of each broker; a failing disk is one of them. */
  readonly directories: readonly string[]
  readonly partitionCounts: readonly number[]
  readonly replicationFactor: number
  readonly faultKinds: readonly FaultKind[]
  /** Mean pause between two faults, in ms. */
  readonly faultPauseMs: number
  /** How long faults go on, in ms. */
  readonly faultsMs: number
  /** Bits flip on one disk, this often in ms; what is there is scrubbed within `scrubMs`. */
  readonly rot?: { readonly pauseMs: number; readonly scrubMs: number }
  /** The workload's topics are compacted, with these settings, and its records have keys. */
  readonly compaction?: {
    /** None is dropped while the seed runs. */
    readonly tombstonesStay: boolean
    readonly topicConfig: Readonly<Record<string, string>>
  }
  readonly producerCount: number
  /** Other topics are created and deleted meanwhile. */
  readonly hasTopicChurn: boolean
  /** Mean pause between two sends of a producer, in ms. */
  readonly sendPauseMs: number
  readonly delays: LinkDelays
  readonly resetChance: number
  /** Multiplies how long disks take; with slow ones, writes are under way whenever something happens. */
  readonly diskSlowness: number
}

const everyKind: readonly FaultKind[] = [
  'kill',
  'power-loss',
  'power-loss-all',
  'isolate',
  'cut-one-way',
  'pause',
  'reset',
  'disk-full',
  'disk-error',
  'shutdown',
  'slow-disk',
]

/** What `log.flush=interval` does not promise to survive. */
const takesUnsynced: readonly FaultKind[] = ['power-loss', 'power-loss-all', 'disk-error']

const both = ['broker', 'controller'] as const

/** Draws the plan from the seed. */
export function clusterShape(random: Random): ClusterShape {
  const nodes = plannedNodes(random)
  const brokerCount = nodes.filter(({ roles }) => roles.includes('broker')).length
  const isSpread = random.fork('directories').chance(0.3)
  const isInterval = random.fork('flush').chance(0.2)
  const flush = isInterval
    ? { 'log.flush': 'interval', 'log.flush.interval.ms': String(10 + random.below(1000)) }
    : {}
  const compaction = plannedCompaction(random.fork('compaction'))
  const rot = isInterval ? undefined : plannedRot(random.fork('rot'))
  return {
    nodes,
    ...(rot !== undefined && { rot }),
    ...(compaction !== undefined && { compaction }),
    settings: {
      ...plannedSettings(random),
      ...flush,
      ...rotSettings(rot),
      ...(compaction !== undefined && { 'log.cleaner.backoff.ms': '100' }),
      ...(isSpread && { 'log.dir.ballast.bytes': '65536' }),
    },
    directories: isSpread ? ['/data', '/more'] : ['/data'],
    partitionCounts: random.chance(0.3) ? [1, 2] : [1 + random.below(3)],
    replicationFactor: Math.min(3, brokerCount),
    faultKinds: everyKind.filter(
      (kind) => random.chance(0.5) && !(isInterval && takesUnsynced.includes(kind)),
    ),
    faultPauseMs: 200 + random.below(1500),
    faultsMs: 3000 + random.below(5000),
    producerCount: 1 + random.below(2),
    hasTopicChurn: random.chance(0.3),
    sendPauseMs: 10 + random.below(100),
    delays: {
      usualMs: [0.2, 1, 5][random.below(3)] ?? 1,
      slowChance: random.chance(0.5) ? random.next() * 0.05 : 0,
      slowMsMax: 50 + random.below(500),
    },
    resetChance: random.chance(0.5) ? random.next() * 0.02 : 0,
    diskSlowness: [1, 10, 50, 150][random.below(4)] ?? 1,
  }
}

function plannedRot(random: Random): ClusterShape['rot'] {
  if (!random.chance(0.4)) return undefined
  return { pauseMs: 100 + random.below(600), scrubMs: 1000 + random.below(3000) }
}

function plannedCompaction(random: Random): ClusterShape['compaction'] {
  if (!random.chance(0.25)) return undefined
  const tombstonesStay = random.chance(0.5)
  return {
    tombstonesStay,
    topicConfig: {
      'cleanup.policy': 'compact',
      'segment.bytes': '16384',
      'segment.ms': String(100 + random.below(900)),
      'min.cleanable.dirty.ratio': '0.01',
      'delete.retention.ms': tombstonesStay ? '86400000' : String(random.below(1000)),
    },
  }
}

/** Little is kept in memory, so that most reads meet the disk. */
function rotSettings(rot: ClusterShape['rot']): Readonly<Record<string, string>> {
  if (rot === undefined) return {}
  return { 'log.scrub.interval.ms': String(rot.scrubMs), 'log.tail.cache.bytes': '0' }
}

function plannedNodes(random: Random): readonly PlannedNode[] {
  const draw = random.below(10)
  if (draw < 7) return [1, 2, 3].map((id) => ({ id, roles: both }))
  if (draw === 7) return [1, 2, 3, 4].map((id) => ({ id, roles: id < 4 ? both : ['broker'] }))
  if (draw === 8) return [{ id: 1, roles: both }, ...brokers(2, 3)]
  return [...[1, 2, 3].map((id) => ({ id, roles: ['controller'] as const })), ...brokers(4, 5, 6)]
}

function brokers(...ids: readonly number[]): readonly PlannedNode[] {
  return ids.map((id) => ({ id, roles: ['broker'] }))
}

function plannedSettings(random: Random): Readonly<Record<string, string>> {
  const between = (low: number, high: number): string => String(low + random.below(high - low))
  return {
    'controller.quorum.fetch.timeout.ms': between(500, 1500),
    'controller.quorum.election.timeout.ms': between(150, 500),
    'controller.quorum.request.timeout.ms': between(300, 1000),
    'controller.quorum.fetch.max.wait.ms': between(100, 400),
    'broker.session.timeout.ms': between(1000, 3000),
    'broker.heartbeat.interval.ms': between(100, 300),
    'controlled.shutdown.timeout.ms': between(1000, 4000),
    'controller.crash.evidence.enable': random.chance(0.7) ? 'true' : 'false',
    'leader.imbalance.check.interval.ms': between(50, 500),
    'replica.fetch.wait.max.ms': between(100, 500),
    'replica.lag.time.max.ms': between(700, 3000),
    'replica.fetch.response.max.bytes': random.chance(0.3) ? '1024' : '1048576',
    'log.segment.bytes': random.chance(0.5) ? '16384' : '1073741824',
    'log.dir.reserve.bytes': '0',
    'log.dir.ballast.bytes': '0',
    'file.delete.delay.ms': between(100, 3000),
    'auto.leader.rebalance.enable': random.chance(0.7) ? 'true' : 'false',
  }
}
