/**
 * One simulated machine: a disk that outlives the processes on it, and at most one process at a
 * time. What a process gets from it are the ports of its life; transport and compressor come from
 * the network and the cluster around it.
 */
import { assert } from '../base/assert.ts'
import { type Random } from '../base/random.ts'
import { type Ports } from '../engine/ports/ports.ts'
import { SimDisk } from './sim-disk.ts'
import { simEntropy } from './sim-entropy.ts'
import { simFileStore } from './sim-file-store.ts'
import { simKeyValueStores } from './sim-key-value-store.ts'
import { simClock, SimProcess } from './sim-process.ts'
import { type SimScheduler } from './sim-scheduler.ts'
import { SimTelemetry } from './sim-telemetry.ts'

/** The ports that need no network. */
export type LocalPorts = Pick<Ports, 'clock' | 'entropy' | 'files' | 'stores' | 'telemetry'>

/** A name, a disk, and the process that runs now. */
export class SimMachine {
  readonly name: string
  readonly disk: SimDisk
  /** How far its wall clock is off. */
  wallSkewMs = 0
  readonly #scheduler: SimScheduler
  readonly #telemetry: SimTelemetry
  readonly #random: Random
  #lifeCount = 0
  #process: SimProcess | undefined

  /** Without `telemetry`, log lines go nowhere that anybody looks. */
  constructor(scheduler: SimScheduler, name: string, telemetry = new SimTelemetry(scheduler)) {
    this.name = name
    this.#scheduler = scheduler
    this.#telemetry = telemetry
    this.#random = scheduler.random.fork(`machine/${name}`)
    this.disk = new SimDisk(this.#random.fork('disk'))
  }

  /** The process that runs on it, if one does. */
  process(): SimProcess | undefined {
    return this.#process?.isAlive === true ? this.#process : undefined
  }

  /** Starts a process; there must be none. */
  start(): { readonly process: SimProcess; readonly ports: LocalPorts } {
    assert(this.process() === undefined, `${this.name} runs already`)
    this.#lifeCount += 1
    const random = this.#random.fork(`life/${this.#lifeCount}`)
    const process = new SimProcess({ name: this.name, random, scheduler: this.#scheduler })
    this.#process = process
    const ports = {
      clock: simClock(process, this.wallSkewMs),
      entropy: simEntropy(random.fork('entropy')),
      files: simFileStore(this.disk, process),
      stores: simKeyValueStores(this.disk, process),
      telemetry: this.#telemetry.portOf(this.name),
    }
    return { process, ports }
  }

  /** Kills the process as `kill -9` does: what it wrote stays in the page cache. */
  kill(): void {
    this.#process?.kill()
    this.#process = undefined
  }

  /** Power loss: kills the process and loses what was not durable, by the seed. */
  powerOff(): void {
    this.kill()
    this.disk.powerLoss()
  }
}
