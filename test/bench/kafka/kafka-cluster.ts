/**
 * One or three Kafka nodes on loopback, broker and controller combined, with Kafka's default settings
 * and the JVM options of its own start scripts; in a temporary folder, removed at the end.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { openSync, closeSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { run, stopChild, type Ended } from '../child.ts'
import { remember } from '../leftovers.ts'
import { fetchKafka, type Jars, kafkaVersion } from './fetch.ts'

const heap = '1g'
const readyLimitMs = 180_000
const stopPatienceMs = 15_000
const toolLimitSeconds = 60
const clusterId = 'MkU3OEVBNTcwNTJENDM2Qg'
const jvmOptions = ['-server', '-XX:+UseG1GC', '-XX:MaxGCPauseMillis=20'].concat([
  '-XX:InitiatingHeapOccupancyPercent=35',
  '-XX:+ExplicitGCInvokesConcurrent',
  '-Djava.awt.headless=true',
])

interface Node {
  readonly id: number
  readonly dir: string
  readonly client: number
  readonly controller: number
}

/** Kafka, running. */
export class KafkaCluster {
  readonly bootstrap: string
  readonly pids: readonly number[]
  /** The folder of topic partitions of each node. */
  readonly logDirs: readonly string[]
  readonly close: () => Promise<void>
  readonly #jars: Jars

  private constructor(jars: Jars, nodes: readonly Node[], running: Running) {
    this.#jars = jars
    this.bootstrap = nodes.map(({ client }) => `127.0.0.1:${client}`).join(',')
    this.pids = running.children.flatMap(({ pid }) => pid ?? [])
    this.logDirs = nodes.map(logDir)
    this.close = running.close
  }

  /** Fetches, formats and starts it, and waits until every node serves. */
  static async start(nodeCount: number): Promise<KafkaCluster> {
    const jars = await fetchKafka()
    const dir = await mkdtemp(join(tmpdir(), 'sluice-bench-kafka-'))
    const children: ChildProcess[] = []
    const close = remember(async () => {
      await Promise.all(children.map(async (child) => stopChild(child, stopPatienceMs)))
      await rm(dir, { recursive: true, force: true })
    })
    try {
      const nodes = await planNodes(dir, nodeCount)
      for (const node of nodes) await format(jars, node, nodes)
      for (const node of nodes) children.push(launch(jars, node))
      await Promise.all(nodes.map(async (node, index) => untilReady(node, children[index])))
      return new KafkaCluster(jars, nodes, { children, close })
    } catch (cause) {
      await close()
      throw cause
    }
  }

  /** What was set, for the record. */
  static describe(nodeCount: number): readonly string[] {
    const settings = properties(node(1, ''), [node(1, '')], nodeCount)
    return [
      `Kafka ${kafkaVersion}, ${nodeCount} combined KRaft node(s), java -Xms${heap} -Xmx${heap} ${jvmOptions.join(' ')}`,
      `server.properties beyond addresses and folders: ${settings.filter((line) => line.includes('replication.factor') || line.includes('min.isr')).join(' ')}`,
    ]
  }

  /** Runs one of Kafka's own tools, with the JVM options of its start scripts. */
  async tool(
    name: string,
    args: readonly string[],
    limitSeconds: number = toolLimitSeconds,
  ): Promise<Ended> {
    return run(
      'java',
      ['-Xmx512M', ...jvmOptions, `-Dlog4j2.configurationFile=${this.#jars.clientLogging}`].concat([
        '-cp',
        this.#jars.classPath,
        `org.apache.kafka.tools.${name}`,
        ...args,
      ]),
      { limitSeconds, what: `Kafka's ${name}` },
    )
  }
}

interface Running {
  readonly children: readonly ChildProcess[]
  readonly close: () => Promise<void>
}

function node(id: number, dir: string, client = 0, controller = 0): Node {
  return { id, dir, client, controller }
}

async function planNodes(dir: string, count: number): Promise<readonly Node[]> {
  const ports = await freePorts(2 * count)
  return Array.from({ length: count }, (_, index) =>
    node(index + 1, join(dir, `node${index + 1}`), ports[2 * index], ports[2 * index + 1]),
  )
}

function properties(own: Node, nodes: readonly Node[], count: number): readonly string[] {
  const voters = nodes.map(({ id, controller }) => `${id}@127.0.0.1:${controller}`)
  const majority = Math.floor((count + 1) / 2)
  return [
    'process.roles=broker,controller',
    `node.id=${own.id}`,
    `controller.quorum.voters=${voters.join(',')}`,
    'controller.listener.names=CONTROLLER',
    `listeners=PLAINTEXT://127.0.0.1:${own.client},CONTROLLER://127.0.0.1:${own.controller}`,
    `log.dirs=${logDir(own)}`,
    `offsets.topic.replication.factor=${count}`,
    `transaction.state.log.replication.factor=${count}`,
    `transaction.state.log.min.isr=${majority}`,
    `share.coordinator.state.topic.replication.factor=${count}`,
    `share.coordinator.state.topic.min.isr=${majority}`,
  ]
}

function logDir({ dir }: Node): string {
  return join(dir, 'log')
}

function configFile({ dir }: Node): string {
  return join(dir, 'server.properties')
}

async function format(jars: Jars, own: Node, nodes: readonly Node[]): Promise<void> {
  await mkdir(own.dir, { recursive: true })
  await writeFile(configFile(own), properties(own, nodes, nodes.length).join('\n') + '\n')
  await run(
    'java',
    [`-Dlog4j2.configurationFile=${jars.clientLogging}`, '-cp', jars.classPath].concat(
      ['kafka.tools.StorageTool', 'format', '--cluster-id', clusterId],
      ['--config', configFile(own)],
    ),
    { limitSeconds: toolLimitSeconds, what: "Kafka's StorageTool" },
  )
}

function logFile({ dir }: Node): string {
  return join(dir, 'server.log')
}

function launch(jars: Jars, own: Node): ChildProcess {
  const output = openSync(logFile(own), 'w')
  const child = spawn(
    'java',
    [`-Xms${heap}`, `-Xmx${heap}`, ...jvmOptions].concat(
      [`-Dlog4j2.configurationFile=${jars.serverLogging}`, '-cp', jars.classPath],
      ['kafka.Kafka', configFile(own)],
    ),
    { stdio: ['ignore', output, output] },
  )
  closeSync(output)
  return child
}

async function untilReady(own: Node, child: ChildProcess | undefined): Promise<void> {
  const limitAtMs = performance.now() + readyLimitMs
  for (;;) {
    const log = readFileSync(logFile(own), 'utf8')
    if (log.includes('Kafka Server started')) return
    if (child?.exitCode !== null || performance.now() > limitAtMs)
      throw new Error(`Kafka's node ${own.id} did not start:\n${log.slice(-2000)}`)
    await pause(50)
  }
}

async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer())
  const ports = await Promise.all(
    servers.map(
      async (server) =>
        new Promise<number>((resolve, reject) => {
          server.once('error', reject)
          server.listen(0, '127.0.0.1', () => {
            const address = server.address()
            resolve(typeof address === 'object' && address !== null ? address.port : 0)
          })
        }),
    ),
  )
  await Promise.all(servers.map(async (server) => new Promise((resolve) => server.close(resolve))))
  return ports
}
