/**
 * One simulated machine with one log directory on it, for tests and seeds of the storage engine:
 * formats, opens, kills, powers off and opens again; makes batches and reads logs whole.
 */
import { present } from '../../base/assert.ts'
import { utf8 } from '../../base/bytes.ts'
import {
  clusterId,
  epoch,
  nodeId,
  offset,
  partitionIndex,
  topicId,
  type Offset,
  type PartitionIndex,
  type TopicId,
} from '../../base/id.ts'
import { type Random } from '../../base/random.ts'
import { encodeBatch } from '../../core/record/batch-writer.ts'
import { type Ports } from '../../engine/ports/ports.ts'
import { LogDirectory } from '../../engine/storage/log-directory.ts'
import {
  plainPolicy,
  type FlushMode,
  type PartitionLog,
} from '../../engine/storage/partition-log.ts'
import { type StorageSettings } from '../../engine/storage/storage-settings.ts'
import { type Clock } from '../../engine/ports/clock.ts'
import { SimMachine } from '../sim-machine.ts'
import { type SimProcess } from '../sim-process.ts'
import { SimScheduler, type SimHost } from '../sim-scheduler.ts'

const kib = 1024

/** Sizes at which everything happens often. */
export const smallStorage: StorageSettings = {
  journalBytes: 64 * kib,
  journalFirstBytes: 32 * kib,
  journalCountMax: 6,
  directBytesMin: 4 * kib,
  settleBytes: 8 * kib,
  unsettledBytesMax: 96 * kib,
  tailCacheBytes: 24 * kib,
  flushIntervalMs: 20,
  reserveBytes: 0,
  scrubIntervalMs: 0,
  ballastBytes: 0,
  openFilesMax: 6,
}

/** Settings for one seed. */
export function drawSettings(random: Random): StorageSettings {
  return {
    ...smallStorage,
    directBytesMin: random.chance(0.5) ? 4 * kib : 1 * kib,
    settleBytes: random.chance(0.5) ? 8 * kib : 2 * kib,
    tailCacheBytes: random.chance(0.4) ? 0 : 24 * kib,
    openFilesMax: 2 + random.below(8),
    journalBytes: smallStorage.journalFirstBytes * (1 + random.below(3)),
    flushIntervalMs: 5 + random.below(60),
  }
}

const path = '/sluice/data'
const cluster = clusterId('C'.repeat(22))

/** The storage ports. */
type Disk = Pick<Ports, 'files' | 'stores'>

/** A machine and its directory. */
export class StorageWorld {
  readonly scheduler: SimScheduler
  readonly machine: SimMachine
  readonly settings: StorageSettings
  readonly #markEachGroup: boolean
  #process: SimProcess | undefined
  #clock: Clock | undefined

  constructor(options: {
    readonly seed: string | number
    readonly host: SimHost
    readonly settings?: Partial<StorageSettings>
    readonly markEachGroup?: boolean
  }) {
    this.scheduler = new SimScheduler(options)
    this.machine = new SimMachine(this.scheduler, 'disk')
    this.settings = { ...smallStorage, ...options.settings }
    this.#markEachGroup = options.markEachGroup ?? false
  }

  /** Where its directory lies. */
  get path(): string {
    return path
  }

  /** The clock of the present process. */
  get clock(): Clock {
    return present(this.#clock, 'a running process')
  }

  /** Formats the directory, in a process of its own. */
  async format(): Promise<void> {
    const { ports, process } = this.machine.start()
    const { files, stores, entropy } = ports
    await LogDirectory.format({
      files,
      stores,
      entropy,
      path,
      clusterId: cluster,
      nodeId: nodeId(1),
    })
    process.kill()
  }

  /** Starts a process that opens the directory; `over` puts something of its own over the disk. */
  async open(
    settings: StorageSettings = this.settings,
    over: (disk: Disk) => Disk = (disk) => disk,
  ): Promise<LogDirectory> {
    const { ports, process } = this.machine.start()
    this.#process = process
    this.#clock = ports.clock
    const { files, stores } = over(ports)
    return LogDirectory.open({
      ports: { ...ports, files, stores },
      path,
      clusterId: cluster,
      nodeId: nodeId(1),
      settings,
      markEachGroup: this.#markEachGroup,
    })
  }

  /** Ends the process as `kill -9` does. */
  kill(): void {
    this.machine.kill()
  }

  /** Takes the power away. */
  powerOff(): void {
    this.machine.powerOff()
  }

  /** Lets virtual time pass in the present process. */
  async pass(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      present(this.#process, 'a running process').after(ms, resolve)
    })
  }
}

/** The `index`th topic of a world. */
export function topicOf(index: number): TopicId {
  return topicId(`topic${String(index).padStart(17, '0')}`)
}

/** The only partition that worlds use. */
export const partition: PartitionIndex = partitionIndex(0)

/** A log of the world. */
export async function makeLog(
  directory: LogDirectory,
  index: number,
  flush: FlushMode = 'ack',
  segmentBytes = 64 * kib,
): Promise<PartitionLog> {
  return directory.createLog({
    topicId: topicOf(index),
    partition,
    policy: plainPolicy(flush, segmentBytes),
  })
}

/** One batch of `count` records at `base`, about `bytes` long; `tag` is in its records. */
export function makeBatch(of: {
  readonly base: number
  readonly tag: string
  readonly bytes?: number
  readonly count?: number
  readonly epoch?: number
  readonly timestampMs?: number
}): Uint8Array {
  const count = of.count ?? 1
  const value = new Uint8Array(Math.max(1, Math.floor((of.bytes ?? 100) / count)))
  const tag = utf8(of.tag)
  for (let at = 0; at < value.length; at++) value[at] = tag[at % tag.length] ?? 0
  return encodeBatch({
    records: Array.from({ length: count }, () => ({
      value,
      timestampMs: of.timestampMs ?? of.base,
    })),
    baseOffset: offset(of.base),
    leaderEpoch: epoch(of.epoch ?? 1),
  })
}

/** Appends one batch at the end of a log. */
export async function appendTo(
  log: PartitionLog,
  tag: string,
  of: { readonly bytes?: number; readonly count?: number; readonly epoch?: number } = {},
): Promise<Offset> {
  return log.append(makeBatch({ base: log.endOffset(), tag, ...of }))
}

/** All bytes of a log from its start to its end, slice by slice. */
export async function readAll(
  log: PartitionLog,
  bytesMax = 16 * kib,
): Promise<readonly Uint8Array[]> {
  const slices: Uint8Array[] = []
  let from = log.startOffset()
  while (from < log.endOffset()) {
    const read = await log.read({ from, bytesMax })
    if (read.nextOffset <= from) throw new Error(`nothing at ${from} of ${log.endOffset()}`)
    slices.push(...read.slices)
    from = read.nextOffset
  }
  return slices
}
