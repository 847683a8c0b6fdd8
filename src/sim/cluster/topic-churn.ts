/**
 * Topics that come and go while everything else happens: created, written to, given more partitions,
 * deleted, and created again under the same name. Nothing of them is in the history; what counts is
 * that they harm nobody and that the cluster heals with them.
 */
import { type Random } from '../../base/random.ts'
import { type ClusterClient } from '../../engine/client/client.ts'
import { SluiceError } from '../../engine/client/errors.ts'
import { type Producer } from '../../engine/client/producer.ts'
import { type Clock } from '../../engine/ports/clock.ts'
import { sleep } from '../../engine/runtime/sleep.ts'

const nameCount = 3
const pauseMsMax = 600
const partitionCountMax = 4
const sendCountMax = 5
const timeoutMs = 2000

/** One client that churns topics. */
export class TopicChurn {
  readonly #client: ClusterClient
  readonly #producer: Producer
  readonly #random: Random
  readonly #replicationFactor: number
  #isStopped = false

  constructor(client: ClusterClient, random: Random, replicationFactor: number) {
    this.#client = client
    this.#random = random
    this.#replicationFactor = replicationFactor
    this.#producer = client.producer({ deliveryTimeoutMs: timeoutMs, requestTimeoutMs: timeoutMs })
  }

  /** Churns until `stop`. */
  async run(clock: Clock): Promise<void> {
    while (!this.#isStopped) {
      await sleep(clock, this.#random.next() * pauseMsMax)
      await this.#act(`churn-${this.#random.below(nameCount)}`).catch(expected)
    }
    await this.#producer.close({ timeoutMs }).catch(expected)
  }

  /** Ends after the act under way. */
  stop(): void {
    this.#isStopped = true
  }

  async #act(topic: string): Promise<void> {
    const { admin } = this.#client
    const partitions = 1 + this.#random.below(partitionCountMax)
    const replicationFactor = this.#replicationFactor
    switch (this.#random.below(4)) {
      case 0:
        await admin.createTopic(topic, { partitions, replicationFactor })
        return
      case 1:
        await admin.deleteTopic(topic, { timeoutMs })
        return
      case 2:
        await admin.createPartitions(topic, partitions, { timeoutMs })
        return
      default:
        for (let count = this.#random.below(sendCountMax); count >= 0; count--)
          await this.#producer.send(topic, { value: Uint8Array.of(count) })
    }
  }
}

function expected(cause: unknown): void {
  if (!(cause instanceof SluiceError)) throw cause
}
