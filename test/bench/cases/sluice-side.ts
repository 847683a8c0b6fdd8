/** Our side: a cluster of real processes with its default settings, driven by the SDK in a process of its own. */
import { setTimeout as pause } from 'node:timers/promises'
import { Client } from '../../../src/app/sdk/index.ts'
import { startTemporaryCluster } from '../../processes/temporary-cluster.ts'
import { run } from '../child.ts'
import { remember } from '../leftovers.ts'
import { type LoadResult, type LoadSpec, type Work } from '../load/spec.ts'
import { type Case } from './cases.ts'
import { countOf, type Side, type Timing } from './side.ts'

const loadProgram = new URL('../load/main.ts', import.meta.url).pathname
const drainSeconds = 120
/** Files of a deleted topic go at once, on both sides, so that the disk is quiet for the next run. */
const deletion = { 'file.delete.delay.ms': '1000' } as const
const deletionMs = 1500

/** Runs a load generator to its end. */
export async function runLoad(spec: LoadSpec): Promise<LoadResult> {
  const limitSeconds = spec.warmUpSeconds + spec.seconds + drainSeconds
  const { stdout } = await run(process.execPath, [loadProgram, JSON.stringify(spec)], {
    limitSeconds,
    what: `the load on ${spec.topic}`,
  })
  return JSON.parse(stdout) as LoadResult // decoder: our own program printed it
}

/** What is set on a topic of a case. */
export function sluiceTopicConfig(load: Case): Readonly<Record<string, string>> {
  return {
    flush: load.flush,
    ...(load.nodeCount === 3 && { 'min.insync.replicas': '2' }),
    ...deletion,
  }
}

/** What the SDK is told of a case, beyond its defaults. */
export function sluiceProducerOptions(load: Case): {
  readonly batchBytesMax?: number
  readonly lingerMs?: number
} {
  return load.isTuned === true ? { batchBytesMax: 131_072, lingerMs: 5 } : {}
}

/** A cluster of so many nodes. */
export async function startSluice(nodeCount: number): Promise<Side> {
  const running = await startTemporaryCluster({ nodeCount })
  const stop = remember(async () => running[Symbol.asyncDispose]())
  const client = new Client({ bootstrap: running.bootstrap, clientId: 'bench-admin' })
  const pids = running.status.nodes.flatMap(({ pid }) => pid ?? [])
  let topicCount = 0
  const onTopic = async (load: Case, work: Work, timing: Timing): Promise<LoadResult> => {
    const topic = `${load.name}-${(topicCount += 1)}`
    await create(client, topic, load)
    try {
      return await runLoad({
        bootstrap: running.bootstrap,
        topic,
        work,
        ...timing,
        brokerPids: pids,
      })
    } finally {
      await client.admin.deleteTopic(topic)
      await pause(deletionMs)
    }
  }
  return {
    name: 'Sluice',
    pids,
    prepare: async (load, timing) => {
      if (load.work.type !== 'consume') {
        await onTopic(load, workOf(load, timing), { ...timing, seconds: timing.warmUpSeconds })
        return
      }
      await create(client, load.name, load)
      await fill(client, load.name, load.work, countOf(load.work.recordCount, timing))
    },
    measure: async (load, timing) => {
      const work = workOf(load, timing)
      if (load.work.type !== 'consume') return onTopic(load, work, timing)
      const { bootstrap } = running
      return runLoad({ bootstrap, topic: load.name, work, ...timing, brokerPids: pids })
    },
    finish: async (load) => {
      if (load.work.type === 'consume') await client.admin.deleteTopic(load.name)
    },
    close: async () => {
      await client.close()
      await stop()
    },
  }
}

async function create(client: Client, topic: string, load: Case): Promise<void> {
  await client.admin.createTopic(topic, {
    partitions: load.partitionCount,
    replicationFactor: load.nodeCount,
    config: sluiceTopicConfig(load),
  })
}

function workOf(load: Case, timing: Timing): Case['work'] {
  const { work } = load
  switch (work.type) {
    case 'produce':
      return { ...work, ...sluiceProducerOptions(load) }
    case 'rate':
      return work
    case 'consume':
    case 'end-to-end':
      return { ...work, recordCount: countOf(work.recordCount, timing) }
  }
}

/** Puts so many records into a topic, for consumers to read. */
export async function fill(
  client: Client,
  topic: string,
  { recordBytes }: Pick<Work, 'recordBytes'>,
  count: number,
): Promise<void> {
  await using producer = client.producer()
  const value = new Uint8Array(recordBytes).fill(65)
  const chunk = Array.from({ length: 1000 }, () => ({ value }))
  for (let done = 0; done < count; done += chunk.length) await producer.sendMany(topic, chunk)
  await producer.flush()
}
