/**
 * The main job on real processes: produce every flight at a steady rate with acks=all through the
 * SDK; meanwhile kill -9 a broker that leads partitions, bring it back, kill -9 the active
 * controller, bring it back; read everything and audit it. Used by the quickstart and its e2e test.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { Client, serde } from '../../src/app/sdk/index.ts'
import { LocalCluster } from '../../src/app/local-cluster/local-cluster.ts'
import { type Flight, readFlights } from './flights.ts'
import { type Audit, Ledger, type ReadRecord } from './ledger.ts'

/** How to run it. */
export interface MainJobOptions {
  readonly dir: string
  readonly ports: 'default' | 'auto'
  readonly recordsPerSecond: number
  /** Called now and then with what is going on. */
  readonly onProgress: (text: string) => void
}

/** One kill and what it did. */
export interface KillReport {
  readonly nodeId: number
  readonly role: 'broker' | 'controller'
  readonly longestPauseMs: number
  /** Leader of each partition just before, and once the cluster has settled. */
  readonly leadersBefore: readonly (number | undefined)[]
  readonly leadersAfter: readonly (number | undefined)[]
}

/** The whole run. */
export interface MainJobReport {
  readonly acknowledgedBefore: number
  readonly acknowledgedBetween: number
  readonly acknowledgedAfter: number
  readonly kills: readonly KillReport[]
  readonly audit: Audit
  readonly elapsedMs: number
}

const topicName = 'flights'
const partitionCount = 6
const tickMs = 10
/** Shares of the records that are acknowledged when the first and the second kill happen. */
const firstKillShare = 0.25
const secondKillShare = 0.6
const downMs = 1500
const settleLimitMs = 60_000

/** Runs it on a fresh cluster in `dir`, which is left running. */
export async function runMainJob(options: MainJobOptions): Promise<MainJobReport> {
  const startedAtMs = performance.now()
  const cluster = new LocalCluster(options.dir)
  const [flights, status] = await Promise.all([
    readFlights(),
    cluster.up({ nodeCount: 3, isSplit: false, ports: options.ports, set: [] }),
  ])
  options.onProgress(`three nodes are ready at ${status.bootstrap}`)
  await using client = new Client({ bootstrap: status.bootstrap, clientId: 'main-job' })
  await client.admin.createTopic(topicName, {
    partitions: partitionCount,
    replicationFactor: 3,
    config: { 'min.insync.replicas': '2' },
  })
  const ledger = new Ledger(flights.length)
  const job: Job = { options, cluster, client, ledger, flights }
  const producing = produceAll(job)
  const kills = await killTwice(job, producing)
  await producing
  const read = await readAll(job)
  const [firstAtMs = 0, secondAtMs = 0] = kills.map(({ atMs }) => atMs)
  return {
    acknowledgedBefore: ledger.countBetween(0, firstAtMs),
    acknowledgedBetween: ledger.countBetween(firstAtMs, secondAtMs),
    acknowledgedAfter: ledger.countBetween(secondAtMs, Infinity),
    kills: kills.map(({ atMs, ...kill }, index) => ({
      ...kill,
      longestPauseMs: ledger.longestPauseMs(atMs, kills[index + 1]?.atMs ?? Infinity),
    })),
    audit: ledger.audit(read),
    elapsedMs: performance.now() - startedAtMs,
  }
}

interface Job {
  readonly options: MainJobOptions
  readonly cluster: LocalCluster
  readonly client: Client
  readonly ledger: Ledger
  readonly flights: readonly Flight[]
}

type Kill = Omit<KillReport, 'longestPauseMs'> & { readonly atMs: number }

/** Resolves when every send has ended, well or badly. */
async function produceAll({ options, client, ledger, flights }: Job): Promise<void> {
  const topic = client.topic(topicName, { key: serde.string, value: serde.string })
  await using producer = client.producer({ acks: 'all' })
  const startedAtMs = performance.now()
  const sends: Promise<void>[] = []
  for (let next = 0; next < flights.length;) {
    const due = ((performance.now() - startedAtMs) / 1000) * options.recordsPerSecond
    for (const { index, key, value } of flights.slice(next, Math.floor(due))) {
      ledger.sent(index, performance.now())
      sends.push(
        producer.send(topic, { key, value }).then(
          ({ partition, offset }) => {
            ledger.acknowledged(index, { partition, offset, nowMs: performance.now() })
          },
          (cause: unknown) => {
            ledger.failed(cause)
          },
        ),
      )
    }
    next = Math.max(next, Math.min(flights.length, Math.floor(due)))
    options.onProgress(progressLine(ledger, next, flights.length))
    await pause(tickMs)
  }
  await Promise.all(sends)
}

async function killTwice(job: Job, producing: Promise<void>): Promise<readonly Kill[]> {
  const { ledger, flights } = job
  const ended = producing.then(() => true)
  const until = async (share: number): Promise<void> => {
    while (ledger.acknowledgedCount < flights.length * share)
      if (await Promise.race([ended, pause(tickMs).then(() => false)])) return
  }
  await until(firstKillShare)
  const first = await kill(job, 'broker')
  await until(secondKillShare)
  const second = await kill(job, 'controller')
  return [first, second]
}

/** Kills a node of a role, brings it back after a while, and waits until every partition is led and in sync. */
async function kill({ options, cluster, client }: Job, role: Kill['role']): Promise<Kill> {
  const { leaderId } = await client.admin.describeQuorum()
  const leadersBefore = await leadersOf(client)
  const leaders = leadersBefore.filter((id) => id !== undefined && id !== leaderId)
  const nodeId = role === 'controller' ? leaderId : leaders[0]
  if (nodeId === undefined) throw new Error('No broker but the active controller leads partitions.')
  const atMs = performance.now()
  await cluster.kill(nodeId)
  options.onProgress(
    `kill -9 of node ${nodeId}, ${role === 'broker' ? 'a leader' : 'the active controller'}`,
  )
  await pause(downMs)
  const leadersAfter = await leadersOf(client)
  await cluster.start(nodeId)
  await waitUntilInSync(client)
  return { nodeId, role, leadersBefore, leadersAfter, atMs }
}

async function leadersOf(client: Client): Promise<readonly (number | undefined)[]> {
  const { partitions } = await client.admin.describeTopic(topicName)
  return partitions.map(({ leader }) => leader)
}

async function waitUntilInSync(client: Client): Promise<void> {
  const limitAtMs = performance.now() + settleLimitMs
  for (;;) {
    const { partitions } = await client.admin.describeTopic(topicName)
    const isWhole = partitions.every(({ isr, replicas }) => isr.length === replicas.length)
    if (isWhole) return
    if (performance.now() > limitAtMs)
      throw new Error('The restarted node did not get in sync within a minute.')
    await pause(100)
  }
}

/** Every record of the topic, in offset order per partition. */
async function readAll({ options, client, flights }: Job): Promise<readonly ReadRecord[]> {
  const topic = client.topic(topicName, {
    key: serde.string,
    value: serde.json<{ index: number }>(),
  })
  const ends = await client.admin.listOffsets(topicName, { type: 'latest' })
  await using consumer = client.consumer({ from: 'beginning' })
  const read: ReadRecord[] = []
  let left = ends.reduce((sum, { offset }) => sum + (offset ?? 0), 0)
  if (left === 0) return read
  for await (const batch of consumer.batches(topic)) {
    for (const { partition, offset, value } of batch)
      read.push({ partition, offset, index: value.index })
    left -= batch.nextOffset - batch.baseOffset
    options.onProgress(`read ${read.length} of ${flights.length}`)
    if (left <= 0) break
  }
  return read
}

function progressLine(ledger: Ledger, sent: number, total: number): string {
  const share = Math.floor((ledger.acknowledgedCount / total) * 100)
  return `${share} %: ${sent} sent, ${ledger.acknowledgedCount} acknowledged, ${ledger.failedCount} failed`
}
