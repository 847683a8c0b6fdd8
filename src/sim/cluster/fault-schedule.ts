/**
 * Breaks a running cluster, by the seed: one fault after another, each undone after a while, until
 * its time is over; then `heal` undoes everything that is left.
 *
 * Faults that destroy durable bytes (a failing disk) hit one node of a seed at most: the rules promise
 * nothing when every replica of a record is destroyed.
 */
import { type Random } from '../../base/random.ts'
import { segmentHeaderBytes } from '../../engine/storage/segment-files.ts'
import { type ClusterNode, type SimCluster } from '../sim-cluster.ts'
import { type ClusterShape, type FaultKind } from './cluster-shape.ts'

const downMsMax = 2500
const cutMsMax = 2500
const pauseMsMax = 2000
const fullMsMax = 2000

/** The faults of one seed. */
export class FaultSchedule {
  readonly #cluster: SimCluster
  readonly #shape: ClusterShape
  readonly #random: Random
  readonly #counts = new Map<string, number>()
  readonly #brittle: ClusterNode | undefined
  readonly #rotRandom: Random
  #rottedAtMs = -Infinity
  #isHealed = false
  /** Of a broker with several, one fails and the others go on. */
  readonly #brittleDirectory: string

  constructor(cluster: SimCluster, shape: ClusterShape, random: Random) {
    this.#cluster = cluster
    this.#shape = shape
    this.#random = random
    this.#rotRandom = random.fork('rot')
    this.#brittle = cluster.nodes[random.below(cluster.nodes.length)]
    const { directories } = shape
    this.#brittleDirectory = directories[random.fork('directory').below(directories.length)] ?? ''
  }

  /** How often each kind happened. */
  counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts)
  }

  /** Starts breaking things; resolves when the time for faults is over. */
  async run(): Promise<void> {
    const { scheduler } = this.#cluster
    const endAtMs = scheduler.nowMs() + this.#shape.faultsMs
    this.#rotLater()
    while (this.#shape.faultKinds.length > 0 && scheduler.nowMs() < endAtMs) {
      await this.#pause(this.#shape.faultPauseMs * (0.2 + 1.6 * this.#random.next()))
      this.#strike()
    }
    if (scheduler.nowMs() < endAtMs) await this.#pause(endAtMs - scheduler.nowMs())
  }

  /** Undoes every fault: all nodes run, all wires and disks work. Undoing twice changes nothing. */
  heal(): void {
    this.#isHealed = true
    const { network, nodes } = this.#cluster
    network.resetChance = 0
    network.links.delays = { ...network.links.delays, slowChance: 0 }
    network.links.healAll()
    for (const node of nodes) {
      node.machine.disk.faults.clear()
      node.machine.disk.capacityBytes = Infinity
      node.machine.disk.slowness = this.#shape.diskSlowness
      node.machine.process()?.resume()
      this.#cluster.start(node)
    }
    this.#replaceBroken()
  }

  /** True when whatever rotted was read again since. */
  isRotFound(): boolean {
    const { rot } = this.#shape
    const { scheduler } = this.#cluster
    return rot === undefined || scheduler.nowMs() > this.#rottedAtMs + 3 * rot.scrubMs
  }

  /** Flips bits on the brittle disk, in what has lain there for a while. */
  #rotLater(): void {
    const { rot } = this.#shape
    if (rot === undefined) return
    this.#cluster.scheduler.after(rot.pauseMs * (0.2 + 1.6 * this.#rotRandom.next()), () => {
      if (this.#isHealed) return
      this.#rot()
      this.#rotLater()
    })
  }

  #rot(): void {
    const node = this.#brittle
    if (node === undefined) return
    const { disk } = node.machine
    const paths = disk.filePaths().filter((path) => isRecords(path))
    const path = paths[this.#rotRandom.below(Math.max(1, paths.length))]
    const entry = path === undefined ? undefined : disk.find(path)
    if (path === undefined || entry?.type !== 'file' || entry.inode.size < 1024) return
    // The newest bytes are left alone: rot together with a crash above the mark is not promised.
    const position = segmentHeaderBytes + this.#rotRandom.below(Math.floor(entry.inode.size / 2))
    disk.flipBit(path, position, this.#rotRandom.below(8))
    this.#rottedAtMs = this.#cluster.scheduler.nowMs()
    this.#counts.set('rot', (this.#counts.get('rot') ?? 0) + 1)
    this.#cluster.telemetry.note(node.host, `fault: rot in ${path} at ${position}`)
  }

  /** A directory that failed stays offline as long as its process lives: its operator restarts it. */
  #replaceBroken(): void {
    const broken = this.#brittle
    if (broken === undefined || !this.#counts.has('disk-error')) return
    this.#cluster.stop(broken, 'kill')
    this.#cluster.start(broken)
  }

  #strike(): void {
    const kind = this.#shape.faultKinds[this.#random.below(this.#shape.faultKinds.length)]
    const node = this.#cluster.nodes[this.#random.below(this.#cluster.nodes.length)]
    if (kind === undefined || node === undefined) return
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1)
    this.#cluster.telemetry.note(node.host, `fault: ${kind}`)
    this.#cluster.scheduler.trace(kind)
    this.#do(kind, node)
  }

  #do(kind: FaultKind, node: ClusterNode): void {
    const { disk } = node.machine
    switch (kind) {
      case 'kill':
      case 'power-loss':
        this.#stop([node], kind)
        return
      case 'power-loss-all':
        this.#stop(this.#cluster.nodes, 'power-loss')
        return
      case 'isolate':
        this.#cut(node, ['in', 'out'])
        return
      case 'cut-one-way':
        this.#cut(node, [this.#random.chance(0.5) ? 'in' : 'out'])
        return
      case 'pause': {
        const process = node.machine.process()
        process?.pause()
        this.#later(pauseMsMax, () => process?.resume())
        return
      }
      case 'reset':
        for (const other of this.#cluster.nodes)
          this.#cluster.network.resetBetween(node.host, other.host)
        return
      case 'disk-full':
        disk.capacityBytes = disk.usedBytes()
        this.#later(fullMsMax, () => {
          disk.capacityBytes = Infinity
        })
        return
      case 'disk-error':
        this.#breakDisk()
        return
      case 'shutdown':
        this.#shutdown(node)
        return
      case 'slow-disk':
        disk.slowness = 1 + this.#random.below(200)
        this.#later(cutMsMax, () => {
          disk.slowness = this.#shape.diskSlowness
        })
        return
    }
  }

  #stop(nodes: readonly ClusterNode[], how: 'kill' | 'power-loss'): void {
    for (const node of nodes) {
      this.#cluster.stop(node, how)
      this.#later(downMsMax, () => {
        this.#cluster.start(node)
      })
    }
  }

  #cut(node: ClusterNode, directions: readonly ('in' | 'out')[]): void {
    const { links } = this.#cluster.network
    const others = this.#cluster.nodes.filter((other) => other !== node && this.#random.chance(0.8))
    const pairs = others.flatMap(({ host }) =>
      directions.map((way): readonly [string, string] =>
        way === 'in' ? [host, node.host] : [node.host, host],
      ),
    )
    for (const [from, to] of pairs) links.cut(from, to)
    this.#later(cutMsMax, () => {
      for (const [from, to] of pairs) links.heal(from, to)
    })
  }

  #breakDisk(): void {
    const disk = this.#brittle?.machine.disk
    const on = this.#random.chance(0.5) ? 'write' : 'sync'
    const path = this.#random.chance(0.7) ? this.#brittleDirectory : '/metadata'
    disk?.faults.inject({ on, code: 'io', afterCount: this.#random.below(20), pathPrefix: path })
  }

  #shutdown(node: ClusterNode): void {
    const running = node.node
    if (running === undefined) return
    const { life } = node
    const done = (): void => {
      if (node.life !== life) return
      this.#cluster.stop(node, 'kill')
      this.#later(downMsMax, () => {
        this.#cluster.start(node)
      })
    }
    node.isWanted = false
    running.shutdown().then(done, done)
  }

  #later(msMax: number, undo: () => void): void {
    this.#cluster.scheduler.after(50 + this.#random.next() * msMax, undo)
  }

  async #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#cluster.scheduler.after(ms, resolve)
    })
  }
}

function isRecords(path: string): boolean {
  return path.endsWith('.segment') && !path.startsWith('/metadata')
}
