/** The verdict on a run of the main job, and the table that people see. */
import { type KillReport, type MainJobReport } from './run.ts'

/** Least share of the records that must be acknowledged before, between and after the kills. */
const phaseShareMin = 0.1

/** Why the run does not count as good; nothing when it does. */
export function complaintsOf(report: MainJobReport): readonly string[] {
  const { audit } = report
  const phases = [
    ['before', report.acknowledgedBefore],
    ['between', report.acknowledgedBetween],
    ['after', report.acknowledgedAfter],
  ] as const
  return [
    ...(audit.lostCount > 0 ? [`${audit.lostCount} acknowledged records are lost`] : []),
    ...(audit.duplicateCount > 0 ? [`${audit.duplicateCount} records are there twice`] : []),
    ...(audit.disorderCount > 0 ? [`${audit.disorderCount} records are out of order`] : []),
    ...(audit.misplacedCount > 0
      ? [`${audit.misplacedCount} records are not where their acknowledgement said`]
      : []),
    ...(audit.failedCount > 0
      ? [`${audit.failedCount} records were not acknowledged (${audit.firstFailure})`]
      : []),
    ...phases
      .filter(([, count]) => count < audit.acknowledgedCount * phaseShareMin)
      .map(([name, count]) => `only ${count} records were acknowledged ${name} the kills`),
  ]
}

/** The table. */
export function printReport(report: MainJobReport): string {
  const { audit, kills } = report
  const [first, second] = kills
  const rows: readonly (readonly [string, string])[] = [
    ['acknowledged before the first kill', count(report.acknowledgedBefore)],
    ['acknowledged between the kills', count(report.acknowledgedBetween)],
    ['acknowledged after the second kill', count(report.acknowledgedAfter)],
    ['read back', count(audit.readCount)],
    ['lost', count(audit.lostCount)],
    ['duplicates', count(audit.duplicateCount)],
    ['order violations by first occurrence', count(audit.disorderCount)],
    ...(first === undefined ? [] : killRows(first)),
    ...(second === undefined ? [] : killRows(second)),
    ['elapsed', `${(report.elapsedMs / 1000).toFixed(1)} s`],
  ]
  const width = Math.max(...rows.map(([name]) => name.length))
  return rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`).join('\n')
}

function killRows(kill: KillReport): readonly (readonly [string, string])[] {
  const what = `kill -9 of node ${kill.nodeId} (${kill.role === 'broker' ? 'a leader' : 'active controller'})`
  const print = (leaders: KillReport['leadersBefore']): string =>
    leaders.map((id) => id ?? '-').join(' ')
  return [
    [`${what}: longest pause`, `${Math.round(kill.longestPauseMs)} ms`],
    [
      `${what}: leaders before → after`,
      `${print(kill.leadersBefore)} → ${print(kill.leadersAfter)}`,
    ],
  ]
}

function count(value: number): string {
  return value.toLocaleString('en-US')
}
