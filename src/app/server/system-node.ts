/** Starts a node on this host: settings in, a `Node` on real ports out. Logs go to standard error. */
import { destination } from 'pino'
import { nodeId } from '../../base/id.ts'
import { type Settings } from '../../core/config/settings.ts'
import { systemTelemetry } from '../../edge/system/system-telemetry.ts'
import { Node } from '../../engine/node/node.ts'
import { type Telemetry } from '../../engine/ports/telemetry.ts'
import { systemPorts } from './system-ports.ts'

/** The log of a node with these settings. A log that cannot be written (its disk is full) stops nobody. */
export function nodeTelemetry(settings: Settings): Telemetry {
  const output = destination({ fd: 2, sync: true })
  output.on('error', () => undefined)
  return systemTelemetry({
    level: settings['log.level'],
    base: { node: settings['node.id'] },
    destination: output,
  })
}

/** Starts it; throws `StartFailure`. */
export async function startSystemNode(
  settings: Settings,
  options: {
    readonly telemetry?: Telemetry
    readonly onFailure: (cause: unknown) => void
  },
): Promise<Node> {
  const telemetry = options.telemetry ?? nodeTelemetry(settings)
  return Node.start({
    ports: systemPorts({ telemetry, messageBytesMax: settings['message.max.bytes'] }),
    settings,
    nodeId: nodeId(settings['node.id']),
    onFailure: options.onFailure,
  })
}
