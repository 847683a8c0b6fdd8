/** `sluice consume`: records of a topic on stdout, one a line. */
import { once } from 'node:events'
import { type Command } from 'commander'
import { type Isolation } from '../../core/api/fetch.ts'
import { type Client } from '../sdk/client.ts'
import { type StartFrom } from '../../engine/client/consumer.ts'
import { type RecordBatch } from '../../engine/client/consumed-record.ts'
import { withClient } from './connect.ts'
import { CommandError, exitStatus } from './failure.ts'
import { type RecordPrinter, recordPrinter } from './record-format.ts'
import { offsetsOf, partitionsOf, placeOf } from './places.ts'
import { Shell, wholeNumber } from './shell.ts'

interface ConsumeOptions {
  readonly from?: string
  readonly until?: string
  readonly max?: string
  readonly partition?: string
  readonly follow?: boolean
  readonly format?: string
  readonly isolation: string
}

/** What to read, once the options are understood. */
interface Reading {
  readonly topic: string
  readonly from: StartFrom
  /** The partitions with something to read, each with the offset before which it ends. */
  readonly ends: Map<number, number>
  readonly countMax: number
  readonly isolation: Isolation
  readonly print: RecordPrinter
}

type Bytes = RecordBatch<Uint8Array, Uint8Array | undefined>

const help = `
Without --follow, --until or --max it reads from the beginning to the present end.
Times are ISO 8601. A template holds {topic} {partition} {offset} {timestamp} {timestampMs} {key} {value} {headers}.

Examples:
  sluice consume orders
  sluice consume orders --from end --follow --format '{partition} {offset} {key}={value}'
  sluice consume orders --from 2026-11-23T08:00:00Z --until end --format json
  sluice consume orders --partition 0 --from 1000 --max 10`

/** Adds the command. */
export function addCommand(program: Command): void {
  program
    .command('consume <topic>')
    .description('Print the records of a topic.')
    .option(
      '--from <beginning|end|OFFSET|TIME>',
      'where to start; default: beginning, with --follow end',
    )
    .option('--until <end|OFFSET|TIME>', 'where to stop')
    .option('--max <n>', 'stop after so many records')
    .option('--partition <n>', 'only this partition')
    .option('--follow', 'go on with what comes')
    .option(
      '--format <value|json|TEMPLATE>',
      'how a record is printed; default: value, with --json json',
    )
    .option(
      '--isolation <committed|uncommitted>',
      'with or without records of open transactions',
      'committed',
    )
    .addHelpText('after', help)
    .action(async (topic: string, options: ConsumeOptions, command: Command) => {
      await consume(topic, options, Shell.of(command))
    })
}

async function consume(topic: string, options: ConsumeOptions, shell: Shell): Promise<void> {
  const print = recordPrinter(options.format ?? (shell.options.json ? 'json' : 'value'))
  const countMax =
    options.max === undefined ? Infinity : wholeNumber(options.max, { what: '--max', min: 0 })
  const from = placeOf(options.from ?? (options.follow === true ? 'end' : 'beginning'), '--from')
  const { isolation } = options
  if (isolation !== 'committed' && isolation !== 'uncommitted')
    throw new CommandError(
      'USAGE',
      `--isolation takes committed or uncommitted, not '${isolation}'.`,
    )
  shell.catchInterrupt()
  await withClient(shell, async (client) => {
    const ends = await endsOf(client, topic, { options, from })
    await read(client, shell, { topic, from, ends, countMax, isolation, print })
  })
}

async function read(client: Client, shell: Shell, reading: Reading): Promise<void> {
  const { topic, from, ends, countMax, isolation } = reading
  if (ends.size === 0 || countMax === 0) return
  const { timeoutMs } = shell.options
  const late = timeoutMs === undefined ? undefined : AbortSignal.timeout(timeoutMs)
  const signal = late === undefined ? shell.signal : AbortSignal.any([shell.signal, late])
  await using consumer = client.consumer({ isolation, outOfRange: 'fail' })
  let count = 0
  try {
    for await (const batch of consumer.batches(topic, {
      from,
      signal,
      partitions: [...ends.keys()],
    })) {
      count += await printBatch(batch, reading, countMax - count)
      if (batch.nextOffset >= (ends.get(batch.partition) ?? 0)) ends.delete(batch.partition)
      if (ends.size === 0 || count >= countMax) return
    }
  } catch (cause) {
    if (late?.aborted === true)
      throw new CommandError(
        'TIMED_OUT',
        `Timed out after ${count} records: allow more with --timeout.`,
      )
    if (!shell.signal.aborted) throw cause
    process.exitCode = exitStatus.interrupted
  }
}

/** How many records were printed: those before the partition's end, at most `countMax`. */
async function printBatch(batch: Bytes, reading: Reading, countMax: number): Promise<number> {
  const end = reading.ends.get(batch.partition) ?? 0
  const lines: string[] = []
  for (const record of batch) {
    if (record.offset >= end || lines.length >= countMax) break
    lines.push(reading.print(record))
  }
  if (lines.length === 0) return 0
  const hasRoom = process.stdout.write(`${lines.join('\n')}\n`)
  if (!hasRoom) await once(process.stdout, 'drain')
  return lines.length
}

/** Partitions where something is to be read, with their ends; Infinity for those that are followed. */
async function endsOf(
  client: Client,
  topic: string,
  { options, from }: { readonly options: ConsumeOptions; readonly from: StartFrom },
): Promise<Map<number, number>> {
  const latest = await client.admin.listOffsets(topic, { type: 'latest' })
  const wanted = partitionsOf(options.partition, { topic, count: latest.length })
  const followed =
    options.follow === true ||
    (options.until === undefined && (options.max !== undefined || from === 'end'))
  const starts = await offsetsOf(client, topic, from)
  const until = options.until === undefined ? 'end' : placeOf(options.until, '--until')
  const stops =
    followed && options.until === undefined ? undefined : await offsetsOf(client, topic, until)
  const ends = wanted.map((partition) => [partition, stops?.[partition] ?? Infinity] as const)
  return new Map(ends.filter(([partition, end]) => (starts[partition] ?? 0) < end))
}
