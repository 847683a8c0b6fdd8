/**
 * What the engine tells its operators. Structured events go to the log; counters and gauges are
 * plain numbers that a scrape reads. Never on the path of a record.
 */

/** Severity of a log line. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** Receives the engine's structured log. `fields` hold ids and numbers, never payloads or secrets. */
export interface Telemetry {
  readonly log: (level: LogLevel, event: string, fields?: Readonly<Record<string, unknown>>) => void
}
