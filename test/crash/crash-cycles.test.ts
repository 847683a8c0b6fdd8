/** Storage processes on real files that are killed, and lose their power, a hundred times. */
import { expect, test } from 'vitest'
import { compiler } from './power-loss/compile.ts'
import { crashCycles } from './crash-cycles.ts'

const power = compiler === undefined ? 'kills (no C compiler: the power stays on)' : 'power losses'

test(`a hundred ${power}: nothing that was acknowledged is gone or changed`, async () => {
  const lines: string[] = []
  const { broken, counts } = await crashCycles({ seed: 'gate', cycleCount: 100 }, (line) => {
    lines.push(line)
  })
  expect(broken?.violation, lines.join('\n')).toBeUndefined()
  for (const what of ['acknowledged', 'kills at work', 'kills while opening', 'comparisons'])
    expect(counts.get(what), what).toBeGreaterThan(0)
  if (compiler !== undefined) expect(counts.get('writes lost')).toBeGreaterThan(0)
})
