/** Cases on our side alone, held against the floors of the same run. */
import { type LoadResult } from '../load/spec.ts'
import { median, type Row, type Suite } from '../row.ts'
import { type Case, type Figure } from './cases.ts'
import { lineOf, ownRow, perGigabyte, valueOf } from './figures.ts'
import { Floors } from './floors.ts'
import { type Timing } from './side.ts'
import { startSluice } from './sluice-side.ts'

/** How long a run of a suite takes. */
function timingOf(isQuick: boolean): Timing {
  return isQuick
    ? { warmUpSeconds: 1, seconds: 1, countShare: 0.1 }
    : { warmUpSeconds: 4, seconds: 8, countShare: 1 }
}

/** A suite of cases: each measured three times after a warm-up, the medians quoted. */
export function aloneSuite(chosen: readonly Case[]): Suite {
  return async ({ isQuick }) => {
    const floors = new Floors(isQuick ? 0.5 : 4)
    await floors.measureFor(chosen)
    const rows: Row[] = []
    for (const nodeCount of [1, 3] as const) {
      const here = chosen.filter((load) => load.nodeCount === nodeCount)
      if (here.length > 0) rows.push(...(await onNodes(nodeCount, here, { isQuick, floors })))
    }
    return rows
  }
}

async function onNodes(
  nodeCount: number,
  here: readonly Case[],
  { isQuick, floors }: { readonly isQuick: boolean; readonly floors: Floors },
): Promise<readonly Row[]> {
  const side = await startSluice(nodeCount)
  const timing = timingOf(isQuick)
  const rows: Row[] = []
  try {
    for (const load of here) {
      process.stderr.write(`${load.name}: ${load.title}\n`)
      if (!isQuick || load.work.type === 'consume') await side.prepare(load, timing)
      const results: LoadResult[] = []
      for (let turn = 0; turn < (isQuick ? 1 : 3); turn++) {
        const result = await side.measure(load, timing)
        process.stderr.write(`  ${lineOf(load, result)}\n`)
        results.push(result)
      }
      await side.finish(load)
      rows.push(...rowsOf(load, results, floors))
    }
  } finally {
    await side.close()
  }
  return rows
}

function rowsOf(load: Case, results: readonly LoadResult[], floors: Floors): readonly Row[] {
  const of = (figure: Figure): number => median(results.map((result) => valueOf(result, figure)))
  const isLatency = results.some(({ latency }) => latency !== undefined)
  if (isLatency) {
    const figures =
      load.work.type === 'rate'
        ? (['rate', 'p50', 'p99'] as const)
        : (['mean', 'p50', 'p99'] as const)
    return figures.map((figure) => ownRow(load, figure, of(figure)))
  }
  const cost = (who: 'client' | 'brokers'): Row => ({
    name: `${load.title}, CPU of ${who}`,
    value: median(results.map((result) => perGigabyte(load, result)[who])),
    unit: 's/GB',
    ...(load.name === 'cache-1k' && who === 'brokers' && { atMost: 2 }),
  })
  const rate = of('rate')
  return [
    { ...ownRow(load, 'rate', rate), ...floors.shareOf(load, rate) },
    cost('client'),
    cost('brokers'),
  ]
}
