/**
 * The main job, as the quickstart runs it: 200,000 real records on three processes, a leading broker
 * and the active controller killed meanwhile, and nothing acknowledged is lost,
 * there twice, or out of order.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { complaintsOf, printReport } from '../../scripts/main-job/report.ts'
import { type MainJobReport, runMainJob } from '../../scripts/main-job/run.ts'
import { LocalCluster } from '../../src/app/local-cluster/local-cluster.ts'

let parent = ''
let report: MainJobReport

beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), 'sluice-main-job-'))
  report = await runMainJob({
    dir: join(parent, 'cluster'),
    ports: 'auto',
    recordsPerSecond: 10_000,
    onProgress: () => undefined,
  })
}, 220_000)

afterAll(async () => {
  await new LocalCluster(join(parent, 'cluster')).wipe().catch(() => undefined)
  await rm(parent, { recursive: true, force: true })
})

test('no acknowledged record is lost, moved, there twice or out of order', () => {
  expect(report.audit).toMatchObject({
    lostCount: 0,
    misplacedCount: 0,
    duplicateCount: 0,
    disorderCount: 0,
  })
})

test('every record is acknowledged in the end, and in each phase of the run', () => {
  expect(complaintsOf(report)).toEqual([])
  expect(report.audit.acknowledgedCount).toBe(200_000)
})

test('the kills hit a leader and the active controller, and leadership moved', () => {
  expect(report.kills.map(({ role }) => role)).toEqual(['broker', 'controller'])
  for (const { nodeId, leadersBefore, leadersAfter } of report.kills) {
    expect(leadersBefore).toContain(nodeId)
    expect(leadersAfter).not.toContain(nodeId)
  }
})

test('the table says all of it', () => {
  const table = printReport(report)
  expect(table).toMatch(/lost +0\n/)
  expect(table).toMatch(/duplicates +0\n/)
  expect(table).toMatch(/order violations by first occurrence +0\n/)
  expect(table).toMatch(/longest pause +\d+ ms/)
})
