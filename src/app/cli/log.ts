/** `sluice log …`: looks into log directories, also beside a running node. */
import { type Command } from 'commander'
import { exitStatus } from './failure.ts'
import { Shell, wholeNumber } from './shell.ts'

/** Adds the command. */
export function addCommand(program: Command): void {
  const log = program
    .command('log')
    .description('Look into log directories.')
    .addHelpText(
      'after',
      '\nExamples:\n  sluice log verify .sluice/cluster/node-1/data\n  sluice log dump .sluice/cluster/node-1/data --json\n' +
        '  sluice log dump .sluice/cluster/node-1/data --topic orders --partition 2 --kafka-segment out/',
    )
  log
    .command('dump <path>')
    .description('the rows of the segment table: logs, tails, segments, extents; works on a copy')
    .option(
      '--kafka-segment <file>',
      'write one log as a segment of Apache Kafka instead; a folder gets a file named as Kafka does',
    )
    .option('--topic <topic>', 'which log, by the topic’s name or id', undefined)
    .option('--partition <number>', 'which of its partitions', '0')
    .action(async (path: string, options: DumpOptions, command: Command) => {
      const shell = Shell.of(command)
      if (options.kafkaSegment === undefined) await dumpRows(shell, path)
      else await dumpSegment(shell, path, { ...options, target: options.kafkaSegment })
    })
  log
    .command('verify <path>')
    .description('check every row, file and batch; status 1 and names when something is wrong')
    .action(async (path: string, _: object, command: Command) => {
      await verify(Shell.of(command), path)
    })
}

interface DumpOptions {
  readonly kafkaSegment?: string
  readonly topic?: string
  readonly partition: string
}

async function dumpRows(shell: Shell, path: string): Promise<void> {
  const { dumpLogDirectory } = await import('../inspect/dump-log-directory.ts')
  for (const { row, ...fields } of await dumpLogDirectory(path)) {
    const text = Object.entries(fields).map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    shell.answer({ row, ...fields }, `${row.padEnd(10)} ${text.join(' ')}`)
  }
}

async function verify(shell: Shell, path: string): Promise<void> {
  const { verifyLogDirectory } = await import('../inspect/verify-log-directory.ts')
  const verified = await verifyLogDirectory(path, (doneBytes, allBytes) => {
    shell.progress(`${(doneBytes / 1e6).toFixed(0)} of ${(allBytes / 1e6).toFixed(0)} MB`)
  })
  shell.endProgress()
  const { logCount, extentCount, bytes, findings } = verified
  const lines = findings.map(({ what, name, problem }) => `${what} ${name}: ${problem}`)
  const sum = `${logCount} logs, ${extentCount} extents, ${bytes} bytes: ${findings.length === 0 ? 'all as it should be' : `${findings.length} wrong`}`
  shell.answer(verified, [...lines, sum].join('\n'))
  if (findings.length > 0) process.exitCode = exitStatus.failed
}

async function dumpSegment(
  shell: Shell,
  path: string,
  options: DumpOptions & { readonly target: string },
): Promise<void> {
  const { writeKafkaSegment } = await import('../inspect/write-kafka-segment.ts')
  const { topic, target } = options
  const partition = wholeNumber(options.partition, { what: '--partition' })
  const written = await writeKafkaSegment({
    path,
    target,
    partition,
    ...(topic !== undefined && { topic }),
  })
  const { file, startOffset, endOffset, batches, bytes } = written
  const what = `${batches} batches, ${bytes} bytes, offsets ${startOffset} to ${endOffset}`
  shell.answer(written, `${file}: ${what}`)
}
