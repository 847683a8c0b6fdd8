/**
 * Runs one node in this process until it is told to stop: settings, ports, node, health port, READY
 * line, signals. SIGTERM and SIGINT shut down in a controlled way, a second one leaves at once. A
 * defect is logged with the node's state and ends the process: nobody catches it.
 */
import { parseArgs } from 'node:util'
import { type Settings } from '../../core/config/settings.ts'
import { type Node, type NodeStatus } from '../../engine/node/node.ts'
import { StartFailure } from '../../engine/node/start-failure.ts'
import { type Endpoint } from '../../core/api/endpoint.ts'
import { type HealthServer, openHealthServer } from '../../edge/http/health-server.ts'
import { type Telemetry } from '../../engine/ports/telemetry.ts'
import { readConfig } from '../config/read-config.ts'
import { releaseStartMemory } from './prepare-process.ts'
import { nodeTelemetry, startSystemNode } from './system-node.ts'

/** Exit status of a node that found a defect or lost its storage. */
const failedStatus = 70

/** Serves with the flags of `sluice start`; a failure is one sentence on stderr and exit status 1. */
export async function serveFromArguments(argv: readonly string[]): Promise<void> {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        config: { type: 'string', short: 'c' },
        set: { type: 'string', multiple: true },
      },
    })
    const { settings } = await readConfig({ file: values.config, set: values.set ?? [] })
    await serve(settings)
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause)
    // What is no refusal is a defect: whoever mends it needs to know where.
    if (cause instanceof Error && !(cause instanceof StartFailure))
      process.stderr.write(`${cause.stack ?? ''}\n`)
    process.stderr.write(`sluice: ${message}\n`)
    process.exit(cause instanceof StartFailure && cause.code === 'INVALID_CONFIG' ? 2 : 1)
  }
}

/**
 * Starts the node and returns when it is ready; the process ends with the node. Throws `StartFailure`,
 * also when it is not ready after `readyMsMax` (default: it waits for its quorum for ever).
 */
export async function serve(settings: Settings, readyMsMax = Infinity): Promise<void> {
  const telemetry = await nodeTelemetry(settings)
  const running: Running = { telemetry, isStopping: false }
  watchProcess(running)
  running.node = await startSystemNode(settings, {
    telemetry,
    onFailure: (cause) => {
      leave(running, 'node-failed', cause)
    },
  })
  try {
    running.health = await openHealth(settings, running.node)
    await readyWithin(running.node, readyMsMax)
  } catch (cause) {
    await running.health?.close()
    await running.node.close()
    throw cause
  }
  // Before anybody knows the address: nobody waits for the collector.
  releaseStartMemory()
  process.stdout.write(`${readyLine(settings, running.node, running.health)}\n`)
}

async function readyWithin(node: Node, limitMs: number): Promise<void> {
  if (limitMs === Infinity) return node.ready()
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const message = `The node was not ready within ${limitMs} ms. ${node.whyNotReady()}`
      reject(new StartFailure('TIMED_OUT', message))
    }, limitMs)
  })
  const ready = node.ready()
  ready.catch(() => undefined) // the close that follows a time-out ends it too
  try {
    await Promise.race([ready, late])
  } finally {
    clearTimeout(timer)
  }
}

interface Running {
  readonly telemetry: Telemetry
  node?: Node
  health?: HealthServer | undefined
  isStopping: boolean
}

async function openHealth(settings: Settings, node: Node): Promise<HealthServer | undefined> {
  const listener = settings['http.listener']
  if (listener === '') return undefined
  const [, host = '', port = ''] = /^\[?(.*?)\]?:(\d+)$/.exec(listener) ?? []
  if (port === '' || host === '')
    throw new StartFailure(
      'INVALID_CONFIG',
      `Setting http.listener is host:port, not '${listener}'.`,
    )
  try {
    return await openHealthServer({ host, port: Number(port), isReady: () => isServing(node) })
  } catch (cause) {
    const message = `The HTTP port ${listener} is in use or not allowed: choose another http.listener, or free it.`
    throw new StartFailure('PORT_IN_USE', message, { cause })
  }
}

function isServing(node: Node): boolean {
  const { broker, quorum } = node.status()
  return broker === undefined ? quorum.leaderId !== undefined : broker.state === 'running'
}

/** The line that whoever started the process waits for. */
function readyLine(settings: Settings, node: Node, health: HealthServer | undefined): string {
  const controllers = settings['controller.listener.names']
  const print = (endpoint: Endpoint): string => {
    const host = endpoint.host.includes(':') ? `[${endpoint.host}]` : endpoint.host
    return `${controllers.includes(endpoint.listener) ? 'quorum' : 'grpc'}=${host}:${endpoint.port}`
  }
  const words = [
    `sluice ready node=${settings['node.id']}`,
    `roles=${settings['process.roles'].join(',')}`,
    ...node.endpoints().map(print),
    ...(health === undefined
      ? []
      : [`http=${settings['http.listener'].replace(/:\d+$/, '')}:${health.port}`]),
  ]
  return words.join(' ')
}

function watchProcess(running: Running): void {
  const onSignal = (): void => {
    if (running.isStopping) process.exit(130)
    running.isStopping = true
    stop(running).then(
      () => process.exit(0),
      (cause: unknown) => {
        leave(running, 'shutdown-failed', cause)
      },
    )
  }
  process.on('SIGTERM', onSignal)
  process.on('SIGINT', onSignal)
  process.on('uncaughtException', (cause) => {
    leave(running, 'defect', cause)
  })
}

async function stop(running: Running): Promise<void> {
  await running.health?.close()
  await running.node?.shutdown()
}

function leave(running: Running, event: string, cause: unknown): void {
  running.telemetry.log('error', event, { cause, status: statusOf(running.node) })
  process.exit(failedStatus)
}

/** A node that is broken may not even be able to say how. */
function statusOf(node: Node | undefined): NodeStatus | string {
  try {
    return node?.status() ?? 'not started'
  } catch (cause) {
    return String(cause)
  }
}
