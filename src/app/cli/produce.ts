/** `sluice produce`: lines to records. Reports on stderr what was acknowledged, what failed and why. */
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { type Command, Option } from 'commander'
import { type Acks } from '../../core/api/produce.ts'
import { compressionNames, type CompressionName } from '../../core/record/compression.ts'
import { serde } from '../../engine/client/serde.ts'
import { type Producer } from '../../engine/client/producer.ts'
import { type TopicHandle } from '../../engine/client/topic-handle.ts'
import { utf8 } from '../../base/bytes.ts'
import { pairOf } from '../config/read-config.ts'
import { AckedLog } from './acked-log.ts'
import { withClient } from './connect.ts'
import { CommandError } from './failure.ts'
import { ProduceReport } from './produce-report.ts'
import { checkInputs, type InputLine, readLines, splitLine } from './record-lines.ts'
import { collect, Shell, wholeNumber } from './shell.ts'

interface ProduceOptions {
  readonly keySeparator?: string
  readonly header?: readonly string[]
  readonly partition?: string
  readonly acks: string
  readonly compression: string
  readonly rate?: string
  readonly ackedLog?: string
}

/** One run of the command. */
interface Run {
  readonly shell: Shell
  readonly producer: Producer
  readonly topic: TopicHandle<Uint8Array | undefined, Uint8Array>
  readonly report: ProduceReport
  readonly line: LineOptions
  readonly ackedLog: AckedLog | undefined
  /** Aborted when nothing more should be sent. */
  readonly stop: AbortSignal
}

interface LineOptions {
  readonly keySeparator: Uint8Array | undefined
  readonly headers: Readonly<Record<string, string>> | undefined
  readonly partition: number | undefined
}

/** A run that is over. */
interface Finished extends Pick<Run, 'shell' | 'report' | 'ackedLog'> {
  /** What ended the input early. */
  readonly failure: Error | undefined
}

/** How long sends under way still have after an abort. */
const closeLimitMs = 5000

/** Sends that may wait for their acknowledgement at once. */
const inFlightCountMax = 20_000

const help = `
Examples:
  echo 'ann:tea' | sluice produce orders --key-separator :
  sluice produce orders a.txt b.txt --compression zstd --rate 1000
  seq 100000 | sluice produce numbers --acked-log acked.txt     lines: partition offset line-number`

/** Adds the command. */
export function addCommand(program: Command): void {
  program
    .command('produce <topic> [files...]')
    .description('Write each line of the files (or of stdin, also as -) as a record.')
    .option('--key-separator <text>', 'what stands before it in a line is the key')
    .option('--header <key=value>', 'a header of every record (repeatable)', collect)
    .option('--partition <n>', 'instead of choosing by key')
    .addOption(
      new Option('--acks <acks>', 'when a record counts').choices(['all', '1', '0']).default('all'),
    )
    .addOption(
      new Option('--compression <codec>', 'of batches')
        .choices([...compressionNames])
        .default('none'),
    )
    .option('--rate <records-per-second>', 'not faster than this')
    .option('--acked-log <file>', 'append a line for every acknowledged record')
    .addHelpText('after', help)
    .action(
      async (
        topic: string,
        files: readonly string[],
        options: ProduceOptions,
        command: Command,
      ) => {
        await produce(topic, files, { options, shell: Shell.of(command) })
      },
    )
}

async function produce(
  name: string,
  files: readonly string[],
  { options, shell }: { readonly options: ProduceOptions; readonly shell: Shell },
): Promise<void> {
  const perSecond =
    options.rate === undefined ? undefined : wholeNumber(options.rate, { what: '--rate', min: 1 })
  if (options.acks === '0' && options.ackedLog !== undefined)
    throw new CommandError(
      'USAGE',
      '--acked-log needs acknowledgements: there are none with --acks 0.',
    )
  const line = lineOptionsOf(options)
  await checkInputs(files)
  shell.catchInterrupt()
  const report = new ProduceReport(shell.options.timeoutMs)
  const ackedLog =
    options.ackedLog === undefined ? undefined : await AckedLog.open(options.ackedLog)
  const stop = AbortSignal.any([shell.signal, ...(ackedLog === undefined ? [] : [ackedLog.signal])])
  const failure = await withClient(shell, async (client) => {
    const key = serde.nullable(serde.bytes)
    const topic = client.topic(name, { key, value: serde.bytes })
    const producer = client.producer({
      acks: acksOf(options.acks),
      compression: compressionOf(options.compression),
      ...(shell.options.timeoutMs !== undefined && { deliveryTimeoutMs: shell.options.timeoutMs }),
    })
    const run: Run = { shell, producer, topic, report, line, ackedLog, stop }
    return sendAndSettle(run, readLines(files, stop), perSecond)
  })
  await ackedLog?.close()
  finish({ shell, report, ackedLog, failure })
}

function lineOptionsOf(options: ProduceOptions): LineOptions {
  return {
    keySeparator: options.keySeparator === undefined ? undefined : utf8(options.keySeparator),
    headers: options.header && Object.fromEntries(options.header.map(pairOf)),
    partition:
      options.partition === undefined
        ? undefined
        : wholeNumber(options.partition, { what: '--partition' }),
  }
}

/** What ended the input early, if anything: what was sent before still gets its answers. */
async function sendAndSettle(
  run: Run,
  lines: AsyncIterable<InputLine>,
  perSecond: number | undefined,
): Promise<Error | undefined> {
  let failure: Error | undefined
  try {
    await sendAll(run, lines, perSecond)
  } catch (cause) {
    failure = cause instanceof Error ? cause : new Error(String(cause))
  }
  await settled(run, 0)
  // After an abort this is the time that sends under way still have; the rest fails.
  await run.producer.close({ timeoutMs: closeLimitMs }).catch(() => undefined)
  return failure
}

async function sendAll(
  run: Run,
  lines: AsyncIterable<InputLine>,
  perSecond: number | undefined,
): Promise<void> {
  const { report, shell, stop } = run
  const startedAtMs = performance.now()
  let count = 0
  for await (const line of lines) {
    if (stop.aborted) return
    send(run, line)
    count += 1
    if (report.inFlightCount >= inFlightCountMax) await settled(run, inFlightCountMax / 2)
    if (report.isHopeless) return
    if (count % 1000 === 0) shell.progress(report.line())
    if (perSecond === undefined) continue
    const aheadMs = (count / perSecond) * 1000 - (performance.now() - startedAtMs)
    if (aheadMs > 5) await pause(aheadMs, undefined, { signal: stop }).catch(() => undefined)
  }
}

/** Resolves when at most `countMax` sends are in flight, or nothing more should be sent. */
async function settled({ report, stop }: Run, countMax: number): Promise<void> {
  if (stop.aborted) return
  const over = new AbortController()
  const stopped = once(stop, 'abort', { signal: over.signal }).catch(() => undefined)
  await Promise.race([report.settled(countMax), stopped])
  over.abort()
}

function send(run: Run, line: InputLine): void {
  const { key, value } = splitLine(line.bytes, run.line.keySeparator)
  const { headers, partition } = run.line
  const sentAtMs = performance.now()
  run.report.sent()
  const record = {
    key,
    value,
    ...(headers !== undefined && { headers }),
    ...(partition !== undefined && { partition }),
  }
  run.producer.send(run.topic, record).then(
    (placed) => {
      run.report.acknowledged(performance.now() - sentAtMs)
      run.ackedLog?.write(`${placed.partition} ${placed.offset} ${line.number}`)
    },
    (cause: unknown) => {
      run.report.failed(cause, { line: line.number, latencyMs: performance.now() - sentAtMs })
    },
  )
}

/** Prints the report whatever happened, then throws the failure that counts most. */
function finish({ shell, report, ackedLog, failure }: Finished): void {
  shell.endProgress()
  if (shell.options.json) shell.answer(report.json(), '')
  else shell.note(report.line())
  const lost = report.failure()
  const first = shell.signal.aborted
    ? new CommandError('INTERRUPTED', 'Interrupted.')
    : (ackedLog?.failure ?? failure)
  if (first === undefined) {
    if (lost !== undefined) throw lost
    return
  }
  if (lost !== undefined && !shell.options.json) shell.note(lost.message)
  throw first
}

function acksOf(text: string): Acks {
  if (text === '0') return 0
  return text === '1' ? 1 : 'all'
}

function compressionOf(text: string): CompressionName {
  return compressionNames.find((name) => name === text) ?? 'none'
}
