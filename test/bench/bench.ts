/**
 * `npm run bench -- [suite…] [--quick] [--json]`: figures on real processes, one suite after the
 * other. Run it on an idle machine; nothing is compared or judged here.
 */
import { parseArgs } from 'node:util'
import { type Row, rounded, type Suite } from './row.ts'
import { append } from './suites/append.ts'
import { failover } from './suites/failover.ts'
import { idle } from './suites/idle.ts'
import { produce } from './suites/produce.ts'
import { startup } from './suites/startup.ts'

const suites: Readonly<Record<string, Suite>> = { append, startup, idle, produce, failover }

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
})

const chosen = positionals.length === 0 ? Object.keys(suites) : positionals
const stranger = chosen.find((name) => suites[name] === undefined)
if (stranger !== undefined) {
  process.stderr.write(`bench: there is no suite ${stranger}: ${Object.keys(suites).join(', ')}\n`)
  process.exit(2)
}

const rows: Row[] = []
for (const name of chosen) {
  process.stderr.write(`${name} …\n`)
  const measured = (await suites[name]?.({ isQuick: values.quick })) ?? []
  for (const row of measured) {
    rows.push({ ...row, value: rounded(row.value) })
    const goal = row.goal === undefined ? '' : `  (goal ${row.goal} ${row.unit})`
    if (!values.json)
      process.stdout.write(`${row.name.padEnd(60)} ${rounded(row.value)} ${row.unit}${goal}\n`)
  }
}
if (values.json) process.stdout.write(`${JSON.stringify(rows)}\n`)
