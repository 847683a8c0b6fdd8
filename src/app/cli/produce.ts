/** `sluice produce`: lines to records. Reports on stderr what was acknowledged, what failed and why. */
import { createWriteStream, type WriteStream } from 'node:fs'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { type Command, Option } from 'commander'
import { type Acks } from '../../core/api/produce.ts'
import { compressionNames, type CompressionName } from '../../core/record/compression.ts'
import { serde } from '../../engine/client/serde.ts'
import { type Producer } from '../../engine/client/producer.ts'
import { type TopicHandle } from '../../engine/client/topic-handle.ts'
import { pairOf } from '../config/read-config.ts'
import { withClient } from './connect.ts'
import { CommandError, exitStatus } from './failure.ts'
import { ProduceReport } from './produce-report.ts'
import { type InputLine, readLines, splitLine } from './record-lines.ts'
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
  readonly topic: TopicHandle<string | undefined, string>
  readonly report: ProduceReport
  readonly line: LineOptions
  readonly ackedLog: WriteStream | undefined
}

interface LineOptions {
  readonly keySeparator: string | undefined
  readonly headers: Readonly<Record<string, string>> | undefined
  readonly partition: number | undefined
}

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
  const line: LineOptions = {
    keySeparator: options.keySeparator,
    headers: options.header && Object.fromEntries(options.header.map(pairOf)),
    partition:
      options.partition === undefined
        ? undefined
        : wholeNumber(options.partition, { what: '--partition' }),
  }
  shell.catchInterrupt()
  const report = new ProduceReport()
  const ackedLog = options.ackedLog === undefined ? undefined : await openLog(options.ackedLog)
  await withClient(shell, async (client) => {
    const topic = client.topic(name, { key: serde.nullable(serde.string), value: serde.string })
    const producer = client.producer({
      acks: acksOf(options.acks),
      compression: compressionOf(options.compression),
      ...(shell.options.timeoutMs !== undefined && { deliveryTimeoutMs: shell.options.timeoutMs }),
    })
    const run: Run = { shell, producer, topic, report, line, ackedLog }
    try {
      await sendAll(run, readLines(files), perSecond)
      await report.settled(0)
    } finally {
      await producer.close({ timeoutMs: 5000 }).catch(() => undefined)
    }
  })
  if (ackedLog !== undefined) {
    ackedLog.end()
    await once(ackedLog, 'finish')
  }
  finish(shell, report)
}

async function sendAll(
  run: Run,
  lines: AsyncIterable<InputLine>,
  perSecond: number | undefined,
): Promise<void> {
  const { report, shell } = run
  const startedAtMs = performance.now()
  let count = 0
  for await (const line of lines) {
    if (shell.signal.aborted) return
    send(run, line)
    count += 1
    if (report.inFlightCount >= inFlightCountMax) await report.settled(inFlightCountMax / 2)
    if (report.isHopeless) return
    if (count % 1000 === 0) shell.progress(report.line())
    if (perSecond === undefined) continue
    const aheadMs = (count / perSecond) * 1000 - (performance.now() - startedAtMs)
    if (aheadMs > 5)
      await pause(aheadMs, undefined, { signal: shell.signal }).catch(() => undefined)
  }
}

function send(run: Run, line: InputLine): void {
  const { key, value } = splitLine(line.text, run.line.keySeparator)
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
      run.ackedLog?.write(`${placed.partition} ${placed.offset} ${line.number}\n`)
    },
    (cause: unknown) => {
      run.report.failed(cause, line.number)
    },
  )
}

function finish(shell: Shell, report: ProduceReport): void {
  shell.endProgress()
  shell.note(report.line())
  for (const line of report.failureLines()) shell.note(line)
  if (shell.options.json) shell.answer(report.json(), '')
  if (shell.signal.aborted) process.exitCode = exitStatus.interrupted
  else if (report.failedCount > 0) process.exitCode = report.failureStatus()
}

async function openLog(path: string): Promise<WriteStream> {
  const stream = createWriteStream(path, { flags: 'a' })
  try {
    await once(stream, 'open')
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new CommandError('FAILED', `The file ${path} cannot be written: ${reason}.`)
  }
  return stream
}

function acksOf(text: string): Acks {
  if (text === '0') return 0
  return text === '1' ? 1 : 'all'
}

function compressionOf(text: string): CompressionName {
  return compressionNames.find((name) => name === text) ?? 'none'
}
