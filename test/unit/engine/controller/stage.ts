/** A controller on one simulated machine, brokers that are only listeners and heartbeats on others. */
import {
  brokerEpoch,
  clusterId,
  directoryId,
  incarnationId,
  nodeId,
  type BrokerEpoch,
} from '../../../../src/base/id.ts'
import { type Apis } from '../../../../src/core/api/apis.ts'
import { type Outcome } from '../../../../src/core/api/error-code.ts'
import { type Settings } from '../../../../src/core/config/settings.ts'
import { type ControllerApi } from '../../../../src/core/controller/controller.ts'
import { supportedFeatures } from '../../../../src/core/metadata/features.ts'
import { type PartitionRegistration } from '../../../../src/core/metadata/image/image.ts'
import { openSimHost } from '../../../../src/edge/system/sim-host.ts'
import { ControllerRuntime } from '../../../../src/engine/controller/controller-runtime.ts'
import { type Clock } from '../../../../src/engine/ports/clock.ts'
import { MetadataPublisher } from '../../../../src/engine/quorum/metadata-publisher.ts'
import { sleep } from '../../../../src/engine/runtime/sleep.ts'
import { SimMachine } from '../../../../src/sim/sim-machine.ts'
import { SimNetwork } from '../../../../src/sim/sim-network.ts'
import { SimScheduler } from '../../../../src/sim/sim-scheduler.ts'
import { idOf, settingsWith } from '../../../golden/controller/clerk.ts'
import { SoloLog } from './solo-log.ts'

const host = openSimHost()
const cluster = clusterId(idOf('cluster'))

/** The controller node and everything around it. */
export class Stage {
  readonly sim: SimScheduler
  readonly network: SimNetwork
  readonly machine: SimMachine
  readonly log: SoloLog
  readonly metadata = new MetadataPublisher()
  readonly controller: ControllerRuntime
  readonly clock: Clock
  readonly failures: unknown[] = []

  constructor(changes: Partial<Settings> = {}) {
    this.sim = new SimScheduler({ seed: 1, host })
    this.network = new SimNetwork(this.sim, (_, cause) => this.failures.push(cause))
    this.machine = new SimMachine(this.sim, 'controller')
    const { ports, process } = this.machine.start()
    this.clock = ports.clock
    this.log = new SoloLog(ports.clock, this.metadata)
    this.controller = new ControllerRuntime({
      ports: { ...ports, ...this.network.portsOf('controller', process) },
      settings: settingsWith(changes),
      nodeId: nodeId(1),
      clusterId: cluster,
      quorum: this.log,
      metadata: this.metadata,
      onFailure: (_, cause) => this.failures.push(cause),
    })
  }

  /** Runs a test inside the simulation, with the controller active unless told otherwise. */
  async play(
    work: () => Promise<void>,
    options: { readonly isActive?: boolean } = {},
  ): Promise<void> {
    await this.sim.run(async () => {
      this.controller.start()
      if (options.isActive !== false) {
        this.log.lead()
        await this.pause(10)
      }
      await work()
      await this.controller.close()
    })
    if (this.failures.length > 0)
      throw new Error('background work failed', { cause: this.failures })
  }

  /** Lets virtual time pass. */
  async pause(ms: number): Promise<void> {
    await sleep(this.clock, ms)
  }

  /** A request with a generous deadline. */
  async ask<A extends ControllerApi>(
    api: A,
    request: Apis[A]['request'],
  ): Promise<Outcome<Apis[A]['response']>> {
    const context = { deadlineAtMs: this.clock.nowMs() + 10_000 }
    return this.controller.handle(api, request, context)
  }

  /** A broker that listens and beats until it is killed. */
  async broker(id: number): Promise<StageBroker> {
    const broker = new StageBroker(this, id)
    await broker.start()
    return broker
  }

  /** Creates a topic with these replicas. */
  async create(name: string, replicas: readonly number[]): Promise<void> {
    const outcome = await this.ask('create-topics', {
      topics: [{ name, assignments: [replicas.map(nodeId)], configs: {} }],
      validateOnly: false,
    })
    if (!outcome.ok) throw new Error(outcome.message)
  }

  /** Partition 0 of a topic as it is committed. */
  partition(name: string): PartitionRegistration {
    const image = this.metadata.current()
    const id = image.topicIds.get(name)
    const found = id === undefined ? undefined : image.topics.get(id)?.partitions[0]
    if (found === undefined) throw new Error(`no topic ${name}`)
    return found
  }

  /** True when the committed image has the broker fenced. */
  isFenced(id: number): boolean | undefined {
    return this.metadata.current().brokers.get(nodeId(id))?.isFenced
  }
}

/** One broker process after another on one machine. */
export class StageBroker {
  readonly id: number
  readonly machine: SimMachine
  readonly #stage: Stage
  #lifeCount = 0
  #epoch: BrokerEpoch = brokerEpoch(0)

  constructor(stage: Stage, id: number) {
    this.#stage = stage
    this.id = id
    this.machine = new SimMachine(stage.sim, `broker${id}`)
  }

  /** Listens, registers, beats every 100 ms, and waits until it is unfenced. */
  async start(): Promise<void> {
    const stage = this.#stage
    const { process } = this.machine.start()
    this.#lifeCount += 1
    await stage.network.portsOf(`broker${this.id}`, process).listeners.listen({
      endpoint: { listener: 'CLIENT', host: `broker${this.id}`, port: 9 },
      clusterId: cluster,
      nodeId: nodeId(this.id),
      apis: [],
      handler: {
        handle: async () => Promise.reject(new Error('nothing is served here')),
      },
    })
    const registered = await stage.ask('register-broker', {
      brokerId: nodeId(this.id),
      clusterId: cluster,
      incarnationId: incarnationId(idOf(`life${this.id}x${this.#lifeCount}`)),
      endpoints: [{ listener: 'CLIENT', host: `broker${this.id}`, port: 9 }],
      features: supportedFeatures,
      directories: [
        {
          directoryId: directoryId(idOf(`dir${this.id}`)),
          wasClean: true,
          uncleanLogs: [],
          mayMissLogs: false,
        },
      ],
      hasUnopenedDirectory: false,
    })
    if (!registered.ok) throw new Error(registered.message)
    this.#epoch = registered.value.brokerEpoch
    const beat = (): void => {
      this.beat().then(
        () => process.after(100, beat),
        (cause: unknown) => stage.failures.push(cause),
      )
    }
    beat()
    await stage.pause(20)
  }

  /** One heartbeat. */
  async beat(wantsShutdown = false): Promise<Outcome<Apis['broker-heartbeat']['response']>> {
    return this.#stage.ask('broker-heartbeat', {
      brokerId: nodeId(this.id),
      brokerEpoch: this.#epoch,
      metadataOffset: this.#stage.metadata.current().offset,
      wantsFence: false,
      wantsShutdown,
      waitMsMax: 0,
      offlineDirectoryIds: [],
      movedReplicas: [],
    })
  }
}
