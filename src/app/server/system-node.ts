/** Starts a node on this host: settings in, a `Node` on real ports out. Logs go to standard error. */
import { destination, type DestinationStream } from 'pino'
import { nodeId } from '../../base/id.ts'
import { type Settings } from '../../core/config/settings.ts'
import { systemTelemetry } from '../../edge/system/system-telemetry.ts'
import { Node } from '../../engine/node/node.ts'
import { type Telemetry } from '../../engine/ports/telemetry.ts'
import { systemPorts } from './system-ports.ts'

/** The log of a node with these settings: JSON lines, or for eyes on a terminal. */
export async function nodeTelemetry(settings: Settings): Promise<Telemetry> {
  return systemTelemetry({
    level: settings['log.level'],
    base: { node: settings['node.id'] },
    destination: process.stderr.isTTY ? await prettyOutput() : plainOutput(),
  })
}

/** A log that cannot be written (its disk is full) stops nobody. */
function plainOutput(): DestinationStream {
  const output = destination({ fd: 2, sync: true })
  output.on('error', () => undefined)
  return output
}

async function prettyOutput(): Promise<DestinationStream> {
  const { default: pretty } = await import('pino-pretty')
  return pretty({ destination: 2, sync: true, ignore: 'pid,hostname', translateTime: 'HH:MM:ss.l' })
}

/** Starts it; throws `StartFailure`. */
export async function startSystemNode(
  settings: Settings,
  options: {
    readonly telemetry?: Telemetry
    readonly onFailure: (cause: unknown) => void
  },
): Promise<Node> {
  const telemetry = options.telemetry ?? (await nodeTelemetry(settings))
  return Node.start({
    ports: systemPorts({ telemetry, heldBytesMax: settings['socket.memory.max.bytes'] }),
    settings,
    nodeId: nodeId(settings['node.id']),
    onFailure: options.onFailure,
  })
}
