/**
 * Runs seeds of one scenario one after the other and adds up the verdict. Every hundredth seed runs
 * twice: two histories of one seed that differ mean that something outside leaked in, which would
 * make every replay worthless.
 */
import { type Violation } from './checker/history.ts'
import { type SeedResult } from './seed-result.ts'
import { type SimHost } from './sim-scheduler.ts'

/** Runs one seed from beginning to end; rejects only when the simulation itself is broken. */
export type RunSeed = (options: {
  readonly seed: number
  readonly host: SimHost
}) => Promise<SeedResult>

/** Which seeds to run. */
export interface SeedRange {
  readonly firstSeed: number
  readonly seedCount: number
}

/** What came of them. */
export interface SeedsVerdict {
  readonly seedCount: number
  readonly eventCount: number
  /** Over all seeds. */
  readonly traceHash: string
  readonly counts: Readonly<Record<string, number>>
  /** The first seed that broke a rule; the run ends with it. */
  readonly broken?: SeedResult
}

const repeatEvery = 100

/** Runs the seeds in order, up to the first that breaks a rule. */
export async function runSeeds(
  runSeed: RunSeed,
  range: SeedRange,
  host: SimHost,
): Promise<SeedsVerdict> {
  const counts = new Map<string, number>()
  let eventCount = 0
  let traceHash = 0
  for (let index = 0; index < range.seedCount; index++) {
    const seed = range.firstSeed + index
    const result = await judged(runSeed, seed, host)
    eventCount += result.eventCount
    traceHash = folded(traceHash, result.traceHash)
    for (const [name, count] of Object.entries(result.counts))
      counts.set(name, (counts.get(name) ?? 0) + count)
    if (result.violations.length > 0)
      return verdict({ seedCount: index + 1, eventCount, traceHash, counts, broken: result })
  }
  return verdict({ seedCount: range.seedCount, eventCount, traceHash, counts })
}

async function judged(runSeed: RunSeed, seed: number, host: SimHost): Promise<SeedResult> {
  const result = await runSeed({ seed, host })
  if (seed % repeatEvery !== 0 || result.violations.length > 0) return result
  const again = await runSeed({ seed, host })
  if (again.traceHash === result.traceHash) return result
  const violation: Violation = {
    rule: 'replay',
    message: `two runs of the seed gave ${result.traceHash} and ${again.traceHash}`,
  }
  return { ...result, violations: [violation] }
}

function verdict(sum: {
  readonly seedCount: number
  readonly eventCount: number
  readonly traceHash: number
  readonly counts: ReadonlyMap<string, number>
  readonly broken?: SeedResult
}): SeedsVerdict {
  return {
    seedCount: sum.seedCount,
    eventCount: sum.eventCount,
    traceHash: (sum.traceHash >>> 0).toString(16).padStart(8, '0'),
    counts: Object.fromEntries(sum.counts),
    ...(sum.broken && { broken: sum.broken }),
  }
}

function folded(sum: number, text: string): number {
  let value = sum
  for (let index = 0; index < text.length; index++)
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193)
  return value ^ (value >>> 13)
}
