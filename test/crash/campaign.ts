/**
 * One directory and what happens to it: worker after worker is killed, and mostly the power goes with
 * it, at a moment that the seed chooses. After each opening every log is compared with what the
 * workers before told. The next worker loads its modules while the one before it works.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type Readable, type Writable } from 'node:stream'
import { type Random, seededRandom } from '../../src/base/random.ts'
import { LogModel } from '../../src/sim/storage/log-model.ts'
import { type Mutant } from '../sim/mutants/mutant.ts'
import { losePower, type PowerLoss } from './power-loss/lose-power.ts'
import { type Message, hear } from './protocol.ts'
import { formatDirectory, shapeOf } from './shape.ts'
import { perform } from './told-model.ts'

/** What to do. */
export interface CampaignOptions {
  readonly seed: string
  readonly cycleCount: number
  /** The compiled shim; without it the power stays on. */
  readonly shim: string | undefined
  /** A bug planted into the workers. */
  readonly mutant?: Pick<Mutant, 'file' | 'find' | 'replacement'>
}

/** What came of it. */
export interface CampaignResult {
  readonly seed: string
  /** The first thing that must not be, with the cycle it was seen in. */
  readonly violation: string | undefined
  readonly counts: ReadonlyMap<string, number>
}

/** How a cycle ends. */
interface Plan {
  /** After so long at work; `call`: or when the shim counts so many calls. */
  readonly workMs: number
  readonly call: number | undefined
  readonly isClosed: boolean
  readonly power: Pick<PowerLoss, 'bytes' | 'names'> | undefined
}

const root = new URL('../../', import.meta.url).pathname
/** A worker that does not end by itself by then hangs. */
const endsWithinMs = 30_000
/** An opening makes about as many calls. */
const openingCalls = 90
const callsMax = 1200
const survivals = ['none', 'none', 'some', 'sectors', 'pages', 'all'] as const
const namings = ['none', 'some', 'all'] as const

/** Runs the cycles of one seed, up to the first violation. */
export async function runCampaign(options: CampaignOptions): Promise<CampaignResult> {
  const base = mkdtempSync(path.join(tmpdir(), 'sluice-crash-'))
  const campaign = new Campaign(options, base)
  try {
    return await campaign.run()
  } finally {
    await campaign.close()
    rmSync(base, { recursive: true, force: true })
  }
}

class Campaign {
  readonly #options: CampaignOptions
  readonly #random: Random
  readonly #path: string
  readonly #notes: string
  readonly #isMetadata: boolean
  readonly #models: readonly LogModel[]
  readonly #counts = new Map<string, number>()
  #boot = 1
  #next: Worker | undefined
  readonly #violations: string[] = []

  constructor(options: CampaignOptions, base: string) {
    const shape = shapeOf(options.seed)
    this.#options = options
    this.#random = seededRandom(options.seed)
    this.#path = path.join(base, 'data')
    this.#notes = path.join(base, 'notes')
    this.#isMetadata = shape.isMetadata
    this.#models = shape.flushes.map((flush, index) => new LogModel(index, flush))
  }

  async run(): Promise<CampaignResult> {
    const { seed, cycleCount } = this.#options
    mkdirSync(path.join(this.#notes, 'kept'), { recursive: true })
    await formatDirectory(this.#path)
    for (let cycle = 0; cycle <= cycleCount && this.#violations.length === 0; cycle++) {
      // The last one only looks.
      const isLast = cycle === cycleCount
      await this.#cycle(cycle, isLast ? looking : this.#planOf(cycle), isLast)
    }
    return { seed, violation: this.#violations[0], counts: this.#counts }
  }

  /** Ends what was started for nothing. */
  async close(): Promise<void> {
    this.#next?.kill()
    await this.#next?.ended
  }

  #planOf(cycle: number): Plan {
    const random = this.#random.fork(`plan ${cycle}`)
    const isClosed = random.chance(0.08)
    const isCut = !isClosed && random.chance(0.6)
    const call = 1 + (random.chance(0.3) ? random.below(openingCalls) : random.below(callsMax))
    const staysOn = random.chance(0.35)
    const bytes = survivals[random.below(survivals.length)] ?? 'none'
    const names = namings[random.below(namings.length)] ?? 'none'
    const { shim } = this.#options
    return {
      workMs: 10 + random.below(isCut ? 500 : 150),
      call: isCut && shim !== undefined ? call * (random.chance(0.5) ? 1 : -1) : undefined,
      isClosed,
      power: staysOn || shim === undefined ? undefined : { bytes, names },
    }
  }

  async #cycle(cycle: number, plan: Plan, isLast: boolean): Promise<void> {
    const worker = this.#next ?? this.#start(plan)
    this.#next = isLast
      ? undefined
      : this.#start(cycle + 1 === this.#options.cycleCount ? looking : this.#planOf(cycle + 1))
    const timers: NodeJS.Timeout[] = []
    const seen = { isOpen: false, isClosed: false }
    const receive = (message: Message): void => {
      if (message.type === 'opened') {
        seen.isOpen = true
        this.#compare(message)
        if (this.#violations.length > 0) worker.kill()
        worker.order('go')
        const end = (): void => {
          if (plan.isClosed) worker.order('stop')
          else worker.kill()
        }
        timers.push(setTimeout(end, plan.workMs))
      } else if (message.type === 'closed') seen.isClosed = true
      else this.#receive(message)
    }
    timers.push(
      setTimeout(() => {
        worker.kill()
      }, endsWithinMs),
    )
    worker.order(
      JSON.stringify({
        path: this.#path,
        seed: this.#options.seed,
        cycle,
        bootId: `boot ${this.#boot}`,
        flushes: this.#models.map(({ flush }) => flush),
      }),
    )
    await hear(worker.reports, receive)
    const end = await worker.ended
    for (const timer of timers) clearTimeout(timer)
    if (end !== 'SIGKILL' && !seen.isClosed) this.#violated(`the worker ended with ${end}`)
    this.#count(
      seen.isClosed ? 'clean stops' : seen.isOpen ? 'kills at work' : 'kills while opening',
    )
    if (seen.isClosed) for (const model of this.#models) model.keepOnlyNewest()
    const [why] = this.#violations
    if (why !== undefined) this.#violations[0] = `${why} (cycle ${cycle}) ${worker.errors()}`
    else if (plan.power !== undefined) this.#losePower(cycle, plan.power)
  }

  #losePower(cycle: number, power: Pick<PowerLoss, 'bytes' | 'names'>): void {
    const lost = losePower({
      root: this.#path,
      notes: this.#notes,
      journaled: ['table'],
      random: this.#random.fork(`power ${cycle}`),
      ...power,
    })
    this.#boot += 1
    this.#count('power losses')
    this.#count('writes lost', lost.writes)
    this.#count('names lost', lost.names)
  }

  #start({ call }: Plan): Worker {
    const { shim, mutant } = this.#options
    return new Worker({
      ...(mutant !== undefined && { SLUICE_SIM_MUTANT: JSON.stringify(mutant) }),
      ...(shim !== undefined && {
        LD_PRELOAD: shim,
        NODE_COMPILE_CACHE: path.join(path.dirname(shim), 'code'),
        SLUICE_POWER_ROOT: this.#path,
        SLUICE_POWER_NOTES: this.#notes,
        ...(call !== undefined && { SLUICE_POWER_CUT: String(call) }),
      }),
    })
  }

  #compare({ report, logs, markedEnd, lastEpochs }: Extract<Message, { type: 'opened' }>): void {
    const names = report.uncleanLogs.map(({ topicId }) => Number(topicId.replace(/^\D*/, '')))
    for (const model of this.#models) {
      const unclean = report.uncleanLogs[names.indexOf(model.index)]
      if (unclean?.reason === 'corrupt') this.#violated(`log ${model.index} was called corrupt`)
      const why = model.check(logs[model.index], unclean !== undefined)
      if (why !== undefined) this.#violated(why)
    }
    const [end] = logs
    const [epoch = -1] = lastEpochs
    if (this.#isMetadata && markedEnd !== undefined && end !== undefined) {
      const isShort = epoch === markedEnd.epoch && end.end < markedEnd.endOffset
      if (epoch < markedEnd.epoch || isShort)
        this.#violated(
          `the log ends at ${end.end} of epoch ${epoch}, its mark says ${markedEnd.endOffset} of ${markedEnd.epoch}`,
        )
    }
    this.#count('comparisons')
  }

  #receive(message: Exclude<Message, { type: 'opened' | 'closed' }>): void {
    if (message.type === 'violated') this.#violated(message.message)
    else if (message.type === 'did') this.#count(message.what)
    else {
      const model = this.#models[message.log]
      if (model !== undefined) perform(model, message.event)
    }
  }

  #violated(why: string): void {
    this.#violations.push(why)
  }

  #count(what: string, by = 1): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + by)
  }
}

const looking: Plan = { workMs: 1, call: undefined, isClosed: true, power: undefined }

/** A worker process. */
class Worker {
  readonly #process: ChildProcess
  /** The signal or status with which it ended. */
  readonly ended: Promise<string>
  readonly reports: Readable
  readonly #orders: Writable
  #errors = ''

  constructor(environment: Readonly<Record<string, string>>) {
    const plant =
      'SLUICE_SIM_MUTANT' in environment ? ['--import', `${root}test/sim/mutants/plant.ts`] : []
    const child = spawn(process.execPath, [...plant, `${root}test/crash/worker.ts`], {
      stdio: ['pipe', 'ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env['PATH'],
        UV_USE_IO_URING: '0',
        ...environment,
      },
    })
    this.#process = child
    const { stdin, stderr } = child
    if (stdin === null || stderr === null) throw new Error('a worker without pipes')
    this.#orders = stdin
    // It may be gone before it has read its orders.
    stdin.on('error', () => undefined)
    stderr.on('data', (chunk: unknown) => {
      this.#errors = (this.#errors + String(chunk)).slice(-4000)
    })
    this.reports = child.stdio[3] as Readable
    this.ended = new Promise((resolve) => {
      child.on('close', (status, signal) => {
        resolve(signal ?? String(status))
      })
    })
  }

  order(line: string): void {
    this.#orders.write(`${line}\n`)
  }

  kill(): void {
    this.#process.kill('SIGKILL')
  }

  errors(): string {
    return this.#errors.trim()
  }
}
