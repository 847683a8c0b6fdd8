/** Rows as people read them: a table for the terminal, and one in Markdown that says where it is from. */
import { cpus, totalmem } from 'node:os'
import Table from 'cli-table3'
import { type Row, rounded, shortfall } from './row.ts'

const head = ['figure', 'value', 'baseline', 'ratio (min–max)', 'goal', 'of the floor'] as const

/** For the terminal; what falls short of what is asked says so. */
export function humanTable(rows: readonly Row[]): string {
  const table = new Table({
    head: [...head, ''],
    style: { head: [], border: [], compact: true },
    colAligns: ['left', 'right', 'right', 'right', 'right', 'right', 'left'],
  })
  for (const row of rows) table.push([...cellsOf(row), shortfall(row) ?? ''])
  return `${table.toString()}\n`
}

/** For the README. */
export function markdownTable(rows: readonly Row[], args: readonly string[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  const date = new Date().toISOString().slice(0, 10)
  const processors = cpus()
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`
  const machine = `${processors.length} × ${processors[0]?.model ?? 'processor'}, ${memory}`
  return [
    `\`npm run bench -- ${args.join(' ')}\` on ${date}: ${machine}, ${process.platform}, Node ${process.version}`,
    '',
    line(head),
    line(head.map((_, index) => (index === 0 ? '---' : '--:'))),
    ...rows.map((row) => line(cellsOf(row))),
    '',
  ].join('\n')
}

function cellsOf(row: Row): readonly string[] {
  const { value, unit, baseline, ratio, ratioMin, ratioMax, goal, floorShare } = row
  const spread =
    ratioMin === undefined || ratioMax === undefined
      ? ''
      : ` (${rounded(ratioMin)}–${rounded(ratioMax)})`
  return [
    row.name,
    `${spaced(value)} ${unit}`,
    baseline === undefined ? '' : `${spaced(baseline)} ${unit}`,
    ratio === undefined ? '' : `${rounded(ratio)}${spread}`,
    goalOf(row, goal),
    floorShare === undefined ? '' : `${Math.round(floorShare * 100)} %`,
  ]
}

function goalOf({ atLeast, atMost }: Row, goal: number | undefined): string {
  const asked = [
    ...(goal === undefined ? [] : [`× ${goal}`]),
    ...(atLeast === undefined ? [] : [`≥ ${spaced(atLeast)}`]),
    ...(atMost === undefined ? [] : [`≤ ${spaced(atMost)}`]),
  ]
  return asked.join(', ')
}

/** Thousands apart. */
function spaced(value: number): string {
  return String(rounded(value)).replace(/\B(?=(\d{3})+(?!\d))(?<!\.\d*)/g, ' ')
}
