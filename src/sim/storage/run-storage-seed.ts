/**
 * One log directory under one seed: users append, read, cut and drop logs while the process is
 * killed, the machine loses power, and writes and syncs fail. After each opening every log is read
 * whole and compared with what was asked and answered.
 */
import { seededRandom, type Random } from '../../base/random.ts'
import { StorageFault } from '../../engine/ports/fault.ts'
import { type LogDirectory } from '../../engine/storage/log-directory.ts'
import { type Violation } from '../checker/history.ts'
import { type SeedResult } from '../seed-result.ts'
import { type SimHost } from '../sim-scheduler.ts'
import { CompactedLog } from './compacted-log.ts'
import { foundIn, LogModel } from './log-model.ts'
import { StorageActor } from './storage-actor.ts'
import { drawSettings, partition, StorageWorld, topicOf } from './storage-world.ts'

const roundCount = 7
const kib = 1024

/** Runs one seed from beginning to end. */
export async function runStorageSeed(options: {
  readonly seed: number
  readonly host: SimHost
}): Promise<SeedResult> {
  const run = new StorageRun(options)
  return run.run()
}

type Ending = 'kill' | 'power' | 'close'

class StorageRun {
  readonly #seed: number
  readonly #random: Random
  readonly #world: StorageWorld
  readonly #models: readonly LogModel[]
  readonly #violations: Violation[] = []
  readonly #counts = new Map<string, number>()
  /** Power was lost since logs were last compared: `interval` logs may have lost anything. */
  #lastEnding: Ending = 'close'
  #hadIoFault = false

  constructor(options: { readonly seed: number; readonly host: SimHost }) {
    this.#seed = options.seed
    this.#random = seededRandom(`storage ${options.seed}`)
    const { random } = this.#fork('settings')
    this.#world = new StorageWorld({
      ...options,
      settings: drawSettings(random),
    })
    this.#models = Array.from({ length: 1 + random.below(5) }, (_, index) => {
      const flush = random.chance(0.3) ? 'interval' : 'ack'
      return new LogModel(index, flush, flush === 'ack' ? this.#drawCompacted(index) : undefined)
    })
  }

  #drawCompacted(index: number): CompactedLog | undefined {
    const { random } = this.#fork(`compacted ${index}`)
    return random.chance(0.3) ? new CompactedLog(random.chance(0.5)) : undefined
  }

  async run(): Promise<SeedResult> {
    const { scheduler } = this.#world
    try {
      await scheduler.run(async () => this.#rounds(), { eventCountMax: 2_000_000 })
    } catch (cause) {
      this.#violated(cause instanceof Error ? (cause.stack ?? cause.message) : String(cause))
    }
    return {
      seed: this.#seed,
      eventCount: scheduler.eventCount(),
      traceHash: scheduler.traceHash(),
      violations: this.#violations,
      counts: Object.fromEntries(this.#counts),
      log: [],
    }
  }

  async #rounds(): Promise<void> {
    await this.#world.format()
    for (let round = 0; round < roundCount; round++) {
      const { random } = this.#fork(`round ${round}`)
      const directory = await this.#open(random)
      if (directory === undefined) continue
      await this.#compare(directory)
      if (this.#violations.length > 0) return
      await this.#round(directory, random)
    }
    this.#world.machine.disk.faults.clear()
    const directory = await this.#open(this.#random)
    if (directory !== undefined) await this.#compare(directory)
  }

  /** Opens the directory; undefined when that met a crash or a fault itself. */
  async #open(random: Random): Promise<LogDirectory | undefined> {
    this.#world.machine.disk.faults.clear()
    if (!random.chance(0.2)) return this.#world.open()
    const cutAtMs = random.next() * 15
    const opened = this.#world.open()
    const directory = await Promise.race([opened, this.#after(cutAtMs)])
    if (directory !== undefined) return directory
    this.#count('crashes while opening')
    this.#end(random.chance(0.5) ? 'kill' : 'power')
    return undefined
  }

  async #round(directory: LogDirectory, random: Random): Promise<void> {
    const { disk } = this.#world.machine
    disk.slowness = random.chance(0.2) ? 8 : 1
    const fault = random.next()
    const isTold = fault < 0.29
    if (fault < 0.15)
      disk.faults.inject({ on: 'write', code: 'no-space', afterCount: random.below(60) })
    else if (fault < 0.22)
      disk.faults.inject({ on: 'sync', code: 'io', afterCount: random.below(60) })
    else if (fault < 0.29)
      disk.faults.inject({ on: 'write', code: 'io', afterCount: random.below(60) })
    const actors = this.#models.map(
      (model) =>
        new StorageActor({
          pass: async (ms) => this.#world.pass(ms),
          directory,
          model,
          random: random.fork(`actor ${model.index}`),
          segmentBytes: 16 * kib,
          clock: this.#world.clock,
          count: (what) => {
            this.#count(what)
          },
          violated: (message) => {
            this.#violated(message)
          },
          isMetadata: false,
        }),
    )
    const running = Promise.all(actors.map(async (actor) => actor.run()))
    await this.#after(random.next() * 400)
    const ending: Ending = random.chance(0.4) ? 'power' : random.chance(0.7) ? 'kill' : 'close'
    if (ending === 'close') {
      for (const actor of actors) actor.isStopped = true
      await running
      if (directory.state() === 'online') await this.#close(directory)
    }
    const state = directory.state()
    if (state !== 'online' && !isTold) this.#violated(`${state} without a reason`)
    if (state === 'offline') this.#hadIoFault = true
    this.#count(directory.state())
    this.#end(ending === 'close' ? 'kill' : ending)
  }

  async #close(directory: LogDirectory): Promise<void> {
    try {
      await directory.close()
    } catch (cause) {
      if (!(cause instanceof StorageFault)) throw cause
      return
    }
    for (const model of this.#models) model.keepOnlyNewest()
    this.#count('clean closes')
  }

  #end(how: 'kill' | 'power'): void {
    this.#lastEnding = how === 'power' || this.#lastEnding === 'power' ? 'power' : 'kill'
    if (how === 'power') this.#world.powerOff()
    else this.#world.kill()
    this.#count(how)
  }

  /** Every log is there and holds what it may hold. */
  async #compare(directory: LogDirectory): Promise<void> {
    const { uncleanLogs } = directory.report
    for (const model of this.#models) {
      const topicId = topicOf(model.index)
      const log = directory.find(topicId, partition)
      const unclean = uncleanLogs.find((each) => each.topicId === topicId)
      if (unclean?.reason === 'corrupt' && !this.#hadIoFault)
        this.#violated(`log ${model.index} was called corrupt`)
      const found = log === undefined ? undefined : await foundIn(log)
      const why = model.check(found, unclean !== undefined)
      if (why !== undefined) this.#violated(`${why} (after ${this.#lastEnding})`)
    }
    await directory.reportIsTaken()
    this.#hadIoFault = false
    this.#lastEnding = 'close'
    this.#count('comparisons')
  }

  async #after(ms: number): Promise<undefined> {
    return new Promise((resolve) => {
      this.#world.scheduler.after(ms, () => {
        resolve(undefined)
      })
    })
  }

  #fork(name: string): { readonly random: Random } {
    return { random: this.#random.fork(name) }
  }

  #count(what: string): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + 1)
  }

  #violated(message: string): void {
    this.#violations.push({ rule: 'storage', message })
  }
}
