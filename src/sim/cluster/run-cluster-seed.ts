/**
 * One seed of a whole cluster: start it, let clients work while faults strike, heal everything, and
 * then everything must finish: every send has an outcome, every partition takes new records, the
 * consumer reaches the end, all replicas are in sync and byte-identical, and the history is judged.
 */
import { sleep } from '../../engine/runtime/sleep.ts'
import { type Violation } from '../checker/history.ts'
import { HistoryChecker } from '../checker/history-checker.ts'
import { type RunSeed } from '../run-seeds.ts'
import { SimCluster } from '../sim-cluster.ts'
import { SimScheduler, SimStuckError } from '../sim-scheduler.ts'
import { type ClusterShape, clusterShape } from './cluster-shape.ts'
import { ClusterWatch } from './cluster-watch.ts'
import { FaultSchedule } from './fault-schedule.ts'
import { checkFinalState, partitionsOf } from './final-state.ts'
import { startWorkload, type Workload } from './start-workload.ts'

const startMsMax = 20_000
const healMsMax = 60_000
const eventCountMax = 1_000_000
const lookAgainMs = 50

interface Run {
  readonly cluster: SimCluster
  readonly shape: ClusterShape
  readonly watch: ClusterWatch
  readonly history: HistoryChecker
  readonly faults: FaultSchedule
}

/** Ends a run at the first broken rule. */
class RuleBrokenError extends Error {
  override readonly name = 'RuleBrokenError'
}

/** The cluster scenario. */
export const runClusterSeed: RunSeed = async ({ seed, host }) => {
  const scheduler = new SimScheduler({ seed: `cluster/${seed}`, host })
  const violations: Violation[] = []
  const run = prepare(scheduler, (violation) => violations.push(violation))
  scheduler.afterEachEvent(() => {
    run.watch.look(run.cluster)
    if (violations.length > 0) throw new RuleBrokenError()
  })
  try {
    violations.push(...(await scheduler.run(async () => live(run), { eventCountMax })))
  } catch (cause) {
    if (cause instanceof SimStuckError)
      violations.push({ rule: 'liveness', message: cause.message })
    else if (!(cause instanceof RuleBrokenError))
      violations.push({ rule: 'DEFECT', message: textOf(cause) })
  }
  const { ok, info, fail, read } = run.history.counts()
  return {
    seed,
    eventCount: scheduler.eventCount(),
    traceHash: scheduler.traceHash(),
    violations,
    counts: {
      acknowledged: ok,
      unknown: info,
      refused: fail,
      read,
      ...compactions(run),
      ...run.faults.counts(),
    },
    log: run.cluster.telemetry.lines(),
  }
}

function prepare(scheduler: SimScheduler, violate: (violation: Violation) => void): Run {
  const shape = clusterShape(scheduler.random.fork('shape'))
  const watch = new ClusterWatch(violate)
  const cluster = new SimCluster(scheduler, shape, {
    violate,
    onAnswer: (served) => {
      watch.answered(served)
    },
  })
  const faults = new FaultSchedule(cluster, shape, scheduler.random.fork('faults'))
  const tombstonesStay = shape.compaction?.tombstonesStay ?? true
  const history = new HistoryChecker({ tombstonesStay })
  return { cluster, shape, watch, faults, history }
}

async function live(run: Run): Promise<readonly Violation[]> {
  const { cluster, faults, shape, history } = run
  await cluster.format()
  for (const node of cluster.nodes) cluster.start(node)
  const workload = await startWorkload(run, startMsMax)
  if (workload === undefined) return [late('start', startMsMax, 'the topics are not there')]
  cluster.network.resetChance = shape.resetChance
  cluster.slowDisks(shape.diskSlowness)
  await faults.run()
  faults.heal()
  cluster.telemetry.note('simulation', 'healed')
  const missing = await finished(run, workload)
  if (missing !== undefined) return [late('healing', healMsMax, missing)]
  const partitions = workload.partitions(run.watch.image())
  const differences = await checkFinalState(
    { cluster, partitions, compaction: shape.compaction },
    (event) => {
      history.observe(event)
    },
  )
  await workload.close()
  return [...differences, ...history.finish()]
}

/** How often a log was rewritten to fewer bytes, and how many seeds had that. */
function compactions({ cluster }: Run): Readonly<Record<string, number>> {
  const count = cluster.compactionCount()
  return { compactions: count, 'compacted seeds': Math.min(1, count) }
}

function textOf(cause: unknown): string {
  return cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)
}

function late(since: string, ms: number, what: string): Violation {
  return { rule: 'liveness', message: `${ms} ms after ${since}: ${what}` }
}

/** Waits until everything has finished; else says what has not. */
async function finished(run: Run, workload: Workload): Promise<string | undefined> {
  const { clock, scheduler } = run.cluster
  const endAtMs = scheduler.nowMs() + healMsMax
  const finishing = workload.finish()
  for (;;) {
    const missing = workload.isFinished() ? notSettled(run, workload) : 'sends have no outcome'
    if (missing === undefined) break
    if (scheduler.nowMs() > endAtMs) return missing
    await sleep(clock, lookAgainMs)
  }
  await finishing
  return undefined
}

function notSettled(run: Run, workload: Workload): string | undefined {
  const { watch, cluster, faults } = run
  const image = watch.image()
  if (!faults.isRotFound()) return 'rot may not be found yet'
  for (const { topic, partition, registration } of partitionsOf(image)) {
    const { isr, replicas } = registration
    if (isr.length < replicas.length)
      return `${topic}-${partition} has ISR ${isr.join()} of ${replicas.join()}`
  }
  for (const { topic, partition } of workload.partitions(image)) {
    const name = `${topic}-${partition}`
    const end = watch.highWatermarkOf(topic, partition)
    if (workload.consumedTo(name) < end)
      return `${name} is consumed to ${workload.consumedTo(name)} of ${end}`
  }
  for (const node of cluster.nodes) {
    const known = cluster.partsOf(node)?.metadata.current().offset
    if (known !== image?.offset) return `${node.host} knows metadata up to ${known ?? 'nothing'}`
  }
  return undefined
}
