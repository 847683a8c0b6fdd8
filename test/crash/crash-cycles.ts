/**
 * Crash cycles, as the gate and `npm run crash` run them: campaigns of so many cycles each, two at a
 * time, up to the first violation. Without a C compiler processes are only killed.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { mapBounded } from '../../src/engine/runtime/gate.ts'
import { type CampaignOptions, type CampaignResult, runCampaign } from './campaign.ts'
import { compile, compiler } from './power-loss/compile.ts'

/** What to run. */
export interface CrashOptions extends Pick<CampaignOptions, 'mutant'> {
  readonly seed: string
  readonly cycleCount: number
}

/** What came of it. */
export interface CrashVerdict {
  readonly cycleCount: number
  readonly seconds: number
  readonly counts: ReadonlyMap<string, number>
  readonly broken: CampaignResult | undefined
}

const campaignCycles = 20
const campaignsAtOnce = 2

/** Runs them; `report` hears what is worth a line. */
export async function crashCycles(
  { seed, cycleCount, mutant }: CrashOptions,
  report: (line: string) => void = () => undefined,
): Promise<CrashVerdict> {
  const startedAtMs = performance.now()
  const made = mkdtempSync(path.join(tmpdir(), 'sluice-shim-'))
  const counts = new Map<string, number>()
  let done = 0
  let broken: CampaignResult | undefined
  try {
    const shim = compiler === undefined ? undefined : compile('shim.c', made)
    if (shim === undefined)
      report('there is no C compiler: processes are killed, the power stays on')
    // A seed that names its campaign repeats that one alone.
    const isOne = /\.\d+$/.test(seed)
    const seeds = isOne
      ? [seed]
      : Array.from({ length: Math.ceil(cycleCount / campaignCycles) }, (_, at) => `${seed}.${at}`)
    await mapBounded(campaignsAtOnce, seeds, async (each) => {
      if (broken !== undefined) return
      const left = isOne ? cycleCount : Math.min(campaignCycles, cycleCount)
      const options = { seed: each, cycleCount: left, shim, ...(mutant && { mutant }) }
      const result = await runCampaign(options)
      done += left
      for (const [what, count] of result.counts) counts.set(what, (counts.get(what) ?? 0) + count)
      if (result.violation === undefined) return
      broken ??= result
      report(`seed ${each}: ${result.violation}`)
      report(`repeat: npm run crash -- --seed ${each} --cycles ${left}`)
    })
  } finally {
    rmSync(made, { recursive: true, force: true })
  }
  const seconds = (performance.now() - startedAtMs) / 1000
  return { cycleCount: done, seconds, counts, broken }
}

/** The verdict as one line. */
export function lineOf({ cycleCount, seconds, counts, broken }: CrashVerdict): string {
  const facts = [...counts].sort().map(([what, count]) => `${what} ${count}`)
  const what = [`${cycleCount} cycles in ${seconds.toFixed(1)} s`, ...facts].join(', ')
  const verdict = broken === undefined ? 'nothing was lost' : `seed ${broken.seed} lost something`
  return `crash: ${what}: ${verdict}`
}
