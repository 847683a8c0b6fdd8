/** Quorum nodes on simulated machines: real storage, real driver, simulated network. */
import { present } from '../../../../src/base/assert.ts'
import { utf8 } from '../../../../src/base/bytes.ts'
import { clusterId, directoryId, nodeId, offset } from '../../../../src/base/id.ts'
import { type Endpoint } from '../../../../src/core/api/endpoint.ts'
import { type Settings } from '../../../../src/core/config/settings.ts'
import { metadataPartition, metadataTopicId } from '../../../../src/core/raft/metadata-topic.ts'
import { forEachBatch, isControl, nextOffset } from '../../../../src/core/record/batch-header.ts'
import { readRecords } from '../../../../src/core/record/batch-reader.ts'
import { openSimHost } from '../../../../src/edge/system/sim-host.ts'
import { type Ports } from '../../../../src/engine/ports/ports.ts'
import { formatMetadataLog } from '../../../../src/engine/quorum/format-metadata-log.ts'
import { Quorum } from '../../../../src/engine/quorum/raft-driver.ts'
import { sleep } from '../../../../src/engine/runtime/sleep.ts'
import { ElectionStore } from '../../../../src/engine/storage/election-store.ts'
import { LogDirectory } from '../../../../src/engine/storage/log-directory.ts'
import { plainPolicy, type PartitionLog } from '../../../../src/engine/storage/partition-log.ts'
import { metadataStorageSettings } from '../../../../src/engine/storage/storage-settings.ts'
import { simCompressor } from '../../../../src/sim/sim-compressor.ts'
import { SimMachine } from '../../../../src/sim/sim-machine.ts'
import { SimNetwork } from '../../../../src/sim/sim-network.ts'
import { SimScheduler } from '../../../../src/sim/sim-scheduler.ts'
import { idOf, settingsWith } from '../../../golden/controller/clerk.ts'

const cluster = clusterId(idOf('cluster'))
const path = '/metadata'

/** One machine with its quorum node while it runs. */
export interface StagedNode {
  readonly id: number
  readonly isVoter: boolean
  readonly machine: SimMachine
  quorum: Quorum | undefined
  log: PartitionLog | undefined
  failure: unknown
}

/** Some voters, and observers whose ids follow theirs. */
export class QuorumStage {
  readonly sim: SimScheduler
  readonly network: SimNetwork
  readonly nodes: readonly StagedNode[]
  readonly defects: unknown[] = []
  /** Requests answered so far, by operation. */
  readonly served = new Map<string, number>()
  readonly #settings: Settings
  readonly #outside: SimMachine

  constructor(shape: {
    readonly voters: number
    readonly observers?: number
    readonly seed?: number
  }) {
    this.sim = new SimScheduler({ seed: shape.seed ?? 1, host: openSimHost() })
    this.network = new SimNetwork(
      this.sim,
      (_, cause) => this.defects.push(cause),
      ({ api }) => this.served.set(api, (this.served.get(api) ?? 0) + 1),
    )
    this.#outside = new SimMachine(this.sim, 'outside')
    const count = shape.voters + (shape.observers ?? 0)
    this.nodes = Array.from({ length: count }, (_, index) => ({
      id: index + 1,
      isVoter: index < shape.voters,
      machine: new SimMachine(this.sim, `node-${index + 1}`),
      quorum: undefined,
      log: undefined,
      failure: undefined,
    }))
    const servers = this.nodes.filter((node) => node.isVoter).map((node) => `node-${node.id}:7093`)
    this.#settings = settingsWith({ 'controller.quorum.bootstrap.servers': servers })
  }

  /** Formats and starts all nodes, then plays `work` inside the simulation. */
  async play(work: () => Promise<void>): Promise<void> {
    await this.sim.run(
      async () => {
        for (const node of this.nodes) await this.#format(node)
        for (const node of this.nodes) await this.start(node)
        await work()
      },
      { virtualMsMax: 120_000 },
    )
    if (this.defects.length > 0) throw present(this.defects[0], 'the first defect')
  }

  /** Starts the process of a node. */
  async start(node: StagedNode): Promise<void> {
    const ports = this.#portsOf(node)
    const identity = { clusterId: cluster, nodeId: nodeId(node.id) }
    const directory = await LogDirectory.open({
      ...{ ports, path, markEachGroup: true, ...identity },
      settings: metadataStorageSettings(this.#settings),
    })
    const log = present(directory.find(metadataTopicId, metadataPartition), 'the metadata log')
    const election = await ElectionStore.open({ files: ports.files, path: `${path}/election` })
    node.failure = undefined
    const quorum = await Quorum.open({
      ...{ ports, log, election, directory, settings: this.#settings },
      identity: { ...identity, directoryId: directory.directoryId },
      controllerListener: node.isVoter ? endpointOf(node) : undefined,
      onFailure: (cause) => {
        node.failure = cause
      },
    })
    node.quorum = quorum
    node.log = log
    if (!node.isVoter) return
    await ports.listeners.listen({
      endpoint: endpointOf(node),
      ...identity,
      apis: ['vote', 'begin-quorum-epoch', 'end-quorum-epoch', 'quorum-fetch', 'describe-quorum'],
      handler: { handle: async (api, request) => quorum.handle(api as never, request as never) },
    })
  }

  /** Ends a process as `kill -9` does, or a machine as a power loss does. */
  stop(node: StagedNode, how: 'kill' | 'power-loss' = 'kill'): void {
    node.quorum = undefined
    if (how === 'kill') {
      node.machine.kill()
      return
    }
    this.network.powerOff(node.machine.name)
    node.machine.powerOff()
  }

  /** Lets virtual time pass. */
  async pass(ms: number): Promise<void> {
    await sleep(this.#clock(), ms)
  }

  /** Waits until something holds; how long it took. */
  async until(holds: () => boolean, limitMs = 20_000): Promise<number> {
    const fromMs = this.sim.nowMs()
    while (!holds()) {
      if (this.sim.nowMs() - fromMs > limitMs) throw new Error(`not within ${limitMs} ms`)
      await this.pass(1)
    }
    return this.sim.nowMs() - fromMs
  }

  /** The node that leads and may decide. */
  active(): StagedNode | undefined {
    return this.nodes.find((node) => node.quorum?.activeSince() !== undefined)
  }

  /** Waits for one. */
  async elected(): Promise<StagedNode> {
    await this.until(() => this.active() !== undefined)
    return present(this.active(), 'the active node')
  }

  /** Proposes one record at the active node. */
  propose(text: string): ReturnType<Quorum['propose']> {
    const quorum = present(this.active()?.quorum, 'the active quorum node')
    return quorum.propose({ epoch: quorum.leadership().epoch, records: [utf8(text)] })
  }

  /** The records that a node knows to be committed. */
  async committedAt(node: StagedNode): Promise<readonly string[]> {
    const quorum = present(node.quorum, `node ${node.id}`)
    const found: string[] = []
    for (let from = offset(0); from < quorum.highWatermark();) {
      const slices = await quorum.nextCommitted(from, new AbortController().signal)
      for (const slice of slices) {
        forEachBatch(slice, (at) => {
          from = nextOffset(slice, at)
        })
        found.push(...textsIn(slice))
      }
    }
    return found
  }

  /** Waits until all running nodes have committed as far as the active one, and compares. */
  async agreed(): Promise<readonly string[]> {
    const running = this.nodes.filter((node) => node.quorum !== undefined)
    const upTo = (): number => this.active()?.log?.endOffset() ?? Infinity
    await this.until(() => running.every((node) => node.quorum?.highWatermark() === upTo()))
    const all = await Promise.all(running.map(async (node) => this.committedAt(node)))
    const [first = []] = all
    if (all.some((texts) => texts.join() !== first.join())) throw new Error('the nodes disagree')
    return first
  }

  #clock(): Ports['clock'] {
    const running = this.#outside.process()
    if (running === undefined) this.#outsideClock = this.#outside.start().ports.clock
    return present(this.#outsideClock, 'the outside clock')
  }

  #outsideClock: Ports['clock'] | undefined

  #portsOf({ machine }: StagedNode): Ports {
    const { process, ports } = machine.start()
    return { ...ports, ...this.network.portsOf(machine.name, process), compressor: simCompressor() }
  }

  async #format(node: StagedNode): Promise<void> {
    const { ports } = node.machine.start()
    const identity = { clusterId: cluster, nodeId: nodeId(node.id) }
    const own = directoryId(idOf(`node${node.id}`))
    await LogDirectory.format({ ...ports, path, ...identity, directoryId: own })
    const directory = await LogDirectory.open({
      ...{ ports, path, markEachGroup: true, ...identity },
      settings: metadataStorageSettings(this.#settings),
    })
    const log = await directory.createLog({
      ...{ topicId: metadataTopicId, partition: metadataPartition },
      policy: plainPolicy('ack', 1 << 30),
    })
    const voters = this.nodes
      .filter((one) => one.isVoter)
      .map((one) => ({
        nodeId: nodeId(one.id),
        directoryId: directoryId(idOf(`node${one.id}`)),
        endpoints: [endpointOf(one)],
      }))
    if (node.isVoter) await formatMetadataLog(log, voters)
    await directory.close()
    node.machine.kill()
  }
}

function endpointOf(node: { readonly id: number }): Endpoint {
  return { listener: 'CONTROLLER', host: `node-${node.id}`, port: 7093 }
}

function textsIn(bytes: Uint8Array): readonly string[] {
  const found: string[] = []
  forEachBatch(bytes, (at) => {
    if (isControl(bytes, at)) return
    for (const view of readRecords(bytes, at)) {
      found.push(String.fromCharCode(...(view.value() ?? [])))
    }
  })
  return found
}
