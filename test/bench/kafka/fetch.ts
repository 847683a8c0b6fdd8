/**
 * Apache Kafka from Maven's repository, into a cache folder outside this tree: the server, its own
 * performance tools, and a logger. `BENCH_KAFKA_CACHE` says where; needs a JDK (17 or newer) and Maven.
 */
import { existsSync } from 'node:fs'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { run } from '../child.ts'

/** The version compared with. */
export const kafkaVersion = '4.3.0'

const log4jVersion = '2.25.4'
const fetchLimitSeconds = 900
const cache =
  process.env['BENCH_KAFKA_CACHE'] ??
  join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'sluice-bench')

/** Where Kafka is, for Java's class path. */
export interface Jars {
  readonly classPath: string
  readonly clientLogging: string
  readonly serverLogging: string
}

const dir = join(cache, `kafka-${kafkaVersion}`)
const complete = join(dir, '.complete')
const jars: Jars = {
  classPath: join(dir, '*'),
  clientLogging: join(dir, 'client.properties'),
  serverLogging: join(dir, 'server.properties'),
}

/** What was fetched before; undefined when nothing was. */
export function fetchedKafka(): Jars | undefined {
  return existsSync(complete) ? jars : undefined
}

/** Fetches it the first time. */
export async function fetchKafka(): Promise<Jars> {
  if (existsSync(complete)) return jars
  process.stderr.write(`fetching Kafka ${kafkaVersion} into ${dir} …\n`)
  await mkdir(dir, { recursive: true })
  const pom = join(dir, 'pom.xml')
  await writeFile(pom, pomText)
  await run(
    'mvn',
    ['-q', '-B', '-f', pom, 'dependency:copy-dependencies', '-DincludeScope=runtime'].concat([
      `-DoutputDirectory=${dir}`,
    ]),
    { limitSeconds: fetchLimitSeconds, what: 'fetching Kafka with Maven' },
  )
  await writeFile(jars.clientLogging, loggingText('WARN'))
  await writeFile(jars.serverLogging, loggingText('INFO'))
  const names = (await readdir(dir)).filter((name) => name.endsWith('.jar'))
  await writeFile(complete, `${names.length} jars\n`)
  return jars
}

const dependencies = [
  ['org.apache.kafka', 'kafka_2.13', kafkaVersion],
  ['org.apache.kafka', 'kafka-tools', kafkaVersion],
  ['org.apache.logging.log4j', 'log4j-slf4j-impl', log4jVersion],
] as const

const pomText = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>sluice</groupId><artifactId>bench-kafka</artifactId><version>1</version>
  <dependencies>
${dependencies
  .map(
    ([group, artifact, version]) =>
      `    <dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`,
  )
  .join('\n')}
  </dependencies>
</project>
`

function loggingText(level: string): string {
  return [
    'appender.out.type=Console',
    'appender.out.name=out',
    'appender.out.target=SYSTEM_ERR',
    'appender.out.layout.type=PatternLayout',
    'appender.out.layout.pattern=[%d] %p %m (%c)%n',
    `rootLogger.level=${level}`,
    'rootLogger.appenderRef.out.ref=out',
    '',
  ].join('\n')
}
