/** The engine's log as JSON lines through pino. */
import { pino, type DestinationStream } from 'pino'
import { type LogLevel, type Telemetry } from '../../engine/ports/telemetry.ts'

/** What stands in every line, and where lines go. */
export interface TelemetryOptions {
  readonly level: LogLevel
  /** Ids in every line: node, cluster. */
  readonly base: Readonly<Record<string, unknown>>
  /** Default: standard output. */
  readonly destination?: DestinationStream
}

const textLengthMax = 2000

/** Errors are written with their stack and causes; long texts are cut; JSON escapes control characters. */
export function systemTelemetry(options: TelemetryOptions): Telemetry {
  const settings = { level: options.level, base: options.base }
  const logger =
    options.destination === undefined ? pino(settings) : pino(settings, options.destination)
  return {
    log: (level, event, fields = {}) => {
      if (!logger.isLevelEnabled(level)) return
      const plain = Object.entries(fields).map(([key, value]) => [key, plainOf(value)])
      logger[level](Object.fromEntries(plain), event)
    },
  }
}

function plainOf(value: unknown): unknown {
  if (value instanceof Error) {
    const cause = value.cause === undefined ? {} : { cause: plainOf(value.cause) }
    const code = 'code' in value ? { code: value.code } : {}
    return { name: value.name, message: value.message, ...code, stack: value.stack, ...cause }
  }
  return typeof value === 'string' ? value.slice(0, textLengthMax) : value
}
