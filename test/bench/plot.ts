/** Rows as bars in an SVG file, one file a unit: values, baselines beside them, and the bounds asked for. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Row, rounded } from './row.ts'

const folder = new URL('./plots/', import.meta.url).pathname
const rowHeight = 26
const labelWidth = 430
const barWidth = 420
const width = labelWidth + barWidth + 110
const ink = { ours: '#2166ac', theirs: '#b8b8b8', bound: '#b2182b' } as const

/** Writes the plots of a run; answers their paths. */
export async function plot(rows: readonly Row[], runName: string): Promise<readonly string[]> {
  await mkdir(folder, { recursive: true })
  const paths: string[] = []
  for (const unit of new Set(rows.map((row) => row.unit))) {
    const path = join(folder, `${runName}-${unit.replace(/\W+/g, '-')}.svg`)
    await writeFile(
      path,
      svg(
        rows.filter((row) => row.unit === unit),
        unit,
      ),
    )
    paths.push(path)
  }
  return paths
}

function svg(rows: readonly Row[], unit: string): string {
  const most = Math.max(...rows.flatMap((row) => [row.value, row.baseline ?? 0, boundOf(row) ?? 0]))
  const height = rowHeight * (rows.length + 1)
  const bars = rows.map((row, index) =>
    bar(row, rowHeight * (index + 1), barWidth / Math.max(most, Number.MIN_VALUE)),
  )
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="100%" height="100%" fill="white"/>`,
    `<text x="8" y="17" font-weight="bold">${escaped(unit)} (blue: Sluice, grey: baseline, red: asked)</text>`,
    ...bars,
    '</svg>',
    '',
  ].join('\n')
}

function bar(row: Row, top: number, scale: number): string {
  const { name, value, baseline } = row
  const bound = boundOf(row)
  const box = (y: number, size: number, fill: string): string =>
    `<rect x="${labelWidth}" y="${y}" width="${(size * scale).toFixed(1)}" height="9" fill="${fill}"/>`
  const at = labelWidth + value * scale + 6
  return [
    `<text x="8" y="${top + 14}">${escaped(name)}</text>`,
    box(top + 3, value, ink.ours),
    baseline === undefined ? '' : box(top + 13, baseline, ink.theirs),
    bound === undefined
      ? ''
      : `<rect x="${(labelWidth + bound * scale).toFixed(1)}" y="${top}" width="2" height="${rowHeight - 2}" fill="${ink.bound}"/>`,
    `<text x="${at.toFixed(1)}" y="${top + 12}">${rounded(value)}</text>`,
  ].join('')
}

/** What the value should reach, or not pass. */
function boundOf({ atLeast, atMost, goal, baseline, unit }: Row): number | undefined {
  if (atLeast !== undefined || atMost !== undefined) return atLeast ?? atMost
  if (goal === undefined || baseline === undefined) return undefined
  return unit === 'ms' ? baseline / goal : baseline * goal
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
