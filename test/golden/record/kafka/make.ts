/**
 * Makes `kafka-segments.jsonl` anew: fetches Kafka with Maven, starts a broker on loopback, lets Kafka's
 * own clients write to it, and has its own reader say what stands in the segments. Needs a JDK (17 or
 * newer) and Maven; `node test/golden/record/kafka/make.ts`.
 */
import { fileURLToPath } from 'node:url'
import { run } from '../../../bench/child.ts'
import { fetchKafka } from '../../../bench/kafka/fetch.ts'
import { KafkaCluster } from '../../../bench/kafka/kafka-cluster.ts'
import { cleanUpOnSignals } from '../../../bench/leftovers.ts'

const limitSeconds = 120

cleanUpOnSignals()
const { classPath, clientLogging } = await fetchKafka()
const kafka = await KafkaCluster.start(1)
try {
  await fixtures('write', kafka.bootstrap)
  await fixtures('read', kafka.logDirs[0] ?? '', pathOf('../kafka-segments.jsonl'))
} finally {
  await kafka.close()
}

async function fixtures(...args: readonly string[]): Promise<void> {
  const java = [`-Dlog4j2.configurationFile=${clientLogging}`, '-cp', classPath]
  const program = [...java, pathOf('Fixtures.java'), ...args]
  await run('java', program, { limitSeconds, what: `Fixtures ${args[0] ?? ''}` })
}

function pathOf(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url))
}
