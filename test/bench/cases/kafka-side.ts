/** Kafka's side: its server with default settings, driven by its own performance tools. */
import { setTimeout as pause } from 'node:timers/promises'
import { KafkaCluster } from '../kafka/kafka-cluster.ts'
import {
  consumerPerformance,
  endToEndLatency,
  type PayloadSource,
  producerPerformance,
} from '../kafka/kafka-load.ts'
import { type LoadResult } from '../load/spec.ts'
import { type Case } from './cases.ts'
import { countOf, type Side, type Timing } from './side.ts'

const deletionMs = 1500
/** A run may take so much longer than the rate of the run before says. */
const startSeconds = 120

/** What is set on a topic of a case. */
export function kafkaTopicConfig(load: Case): readonly string[] {
  return [
    ...(load.flush === 'ack' ? ['flush.messages=1'] : []),
    ...(load.nodeCount === 3 ? ['min.insync.replicas=2'] : []),
    'file.delete.delay.ms=1000',
  ]
}

/** What the Java producer is told of a case, beyond its defaults. With one replica, acks=1 is as safe as all. */
export function kafkaProducerProperties(load: Case): readonly string[] {
  return [
    load.nodeCount === 1 ? 'acks=1' : 'acks=all',
    ...(load.isTuned === true ? ['linger.ms=5', 'batch.size=131072'] : []),
  ]
}

/** What the warm-up of a case showed. */
interface Known {
  readonly rate: number
  readonly payload: PayloadSource
}

/** A cluster of so many nodes. */
export async function startKafka(nodeCount: number): Promise<Side> {
  const kafka = await KafkaCluster.start(nodeCount)
  const known = new Map<string, Known>()
  let topicCount = 0
  const produce = async (
    load: Case,
    topic: string,
    order: Known & { readonly warmUpCount: number; readonly recordCount: number },
  ): Promise<LoadResult> => {
    const { work } = load
    const { warmUpCount, recordCount, payload } = order
    return producerPerformance(kafka, {
      topic,
      recordBytes: work.recordBytes,
      warmUpCount,
      recordCount,
      payload,
      properties: kafkaProducerProperties(load),
      limitSeconds: startSeconds + (20 * (warmUpCount + recordCount)) / order.rate,
      ...(work.type === 'rate' && { recordsPerSecond: work.recordsPerSecond }),
    })
  }
  const onTopic = async (
    load: Case,
    work: (topic: string) => Promise<LoadResult>,
  ): Promise<LoadResult> => {
    const topic = `${load.name}-${(topicCount += 1)}`
    await create(kafka, topic, load)
    try {
      return await work(topic)
    } finally {
      await remove(kafka, topic)
    }
  }
  /** Both sources of values are tried; the faster one is measured. */
  const calibrate = async (load: Case, timing: Timing): Promise<void> => {
    const tries: Known[] = []
    let rate = load.guess
    for (const payload of ['generator', 'file'] as const) {
      const warmUpCount = (rate * timing.warmUpSeconds) / 2
      const order = { rate, payload, warmUpCount, recordCount: rate * timing.warmUpSeconds }
      const result = await onTopic(load, async (topic) => produce(load, topic, order))
      rate = result.recordsPerSecond
      tries.push({ rate, payload })
    }
    const best = tries.reduce((one, other) => (other.rate > one.rate ? other : one))
    known.set(load.name, best)
  }
  return {
    name: 'Kafka',
    pids: kafka.pids,
    prepare: async (load, timing) => {
      const { work } = load
      if (work.type === 'produce' || work.type === 'rate') await calibrate(load, timing)
      if (work.type !== 'consume') return
      await create(kafka, load.name, load)
      const filling = { rate: load.guess, payload: 'file', warmUpCount: 1 } as const
      const recordCount = countOf(work.recordCount, timing)
      await produce(load, load.name, { ...filling, recordCount })
    },
    measure: async (load, timing) => {
      const { work } = load
      switch (work.type) {
        case 'produce':
        case 'rate': {
          const { rate, payload } = known.get(load.name) ?? { rate: load.guess, payload: 'file' }
          const perSecond = work.type === 'rate' ? work.recordsPerSecond : rate
          const order = {
            rate,
            payload,
            warmUpCount: perSecond * timing.warmUpSeconds,
            recordCount: perSecond * timing.seconds,
          }
          return onTopic(load, async (topic) => produce(load, topic, order))
        }
        case 'consume':
          return consumerPerformance(kafka, load.name, countOf(work.recordCount, timing))
        case 'end-to-end': {
          const recordCount = countOf(work.recordCount, timing)
          const { recordBytes } = work
          return onTopic(load, async (topic) =>
            endToEndLatency(kafka, { topic, recordBytes, recordCount }),
          )
        }
      }
    },
    finish: async (load) => {
      if (load.work.type === 'consume') await remove(kafka, load.name)
    },
    close: kafka.close,
  }
}

async function create(kafka: KafkaCluster, topic: string, load: Case): Promise<void> {
  await kafka.tool(
    'TopicCommand',
    ['--bootstrap-server', kafka.bootstrap, '--create', '--topic', topic].concat(
      ['--partitions', String(load.partitionCount)],
      ['--replication-factor', String(load.nodeCount)],
      kafkaTopicConfig(load).flatMap((entry) => ['--config', entry]),
    ),
  )
}

async function remove(kafka: KafkaCluster, topic: string): Promise<void> {
  await kafka.tool('TopicCommand', [
    '--bootstrap-server',
    kafka.bootstrap,
    '--delete',
    '--topic',
    topic,
  ])
  await pause(deletionMs)
}
