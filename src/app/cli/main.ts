/**
 * The command line. It knows the names of the commands and their summaries; the code of a command
 * is loaded only when it is called, so that `--help` answers at once. Errors of every command end
 * here: one sentence on stderr (JSON with --json) and the exit status.
 */
import { Command, CommanderError } from 'commander'
import { CommandError, describeFailure, exitStatus } from './failure.ts'

/** What the module of a command exports. */
interface CommandModule {
  readonly addCommand: (program: Command) => void
}

interface CommandEntry {
  readonly summary: string
  readonly load: () => Promise<CommandModule>
}

const commands: Readonly<Record<string, CommandEntry>> = {
  dev: {
    summary: 'a cluster to play with, in this process',
    load: async () => import('./dev.ts'),
  },
  start: { summary: 'run one node', load: async () => import('./start.ts') },
  format: {
    summary: 'prepare the directories of a new node',
    load: async () => import('./format.ts'),
  },
  'random-uuid': {
    summary: 'print a fresh id for a cluster or directory',
    load: async () => import('./random-uuid.ts'),
  },
  config: {
    summary: 'show, read and change settings',
    load: async () => import('./config.ts'),
  },
  cluster: {
    summary: 'a local cluster of real processes',
    load: async () => import('./cluster.ts'),
  },
  topic: {
    summary: 'create, list, describe, alter, delete topics',
    load: async () => import('./topic.ts'),
  },
  produce: { summary: 'write lines to a topic', load: async () => import('./produce.ts') },
  consume: { summary: 'read records of a topic', load: async () => import('./consume.ts') },
  broker: { summary: 'list and describe brokers', load: async () => import('./broker.ts') },
  quorum: {
    summary: 'state of the metadata quorum',
    load: async () => import('./quorum.ts'),
  },
  metadata: {
    summary: 'browse the cluster metadata as a tree',
    load: async () => import('./metadata.ts'),
  },
  elect: { summary: 'move leadership', load: async () => import('./elect.ts') },
  logdirs: {
    summary: 'log directories of brokers, moves between them',
    load: async () => import('./logdirs.ts'),
  },
  log: { summary: 'look into log directories', load: async () => import('./log.ts') },
}

const examples = `
Examples:
  sluice cluster up                           three nodes in the background
  sluice topic create orders --partitions 6
  echo 'hello' | sluice produce orders
  sluice consume orders --from beginning --until end
  sluice cluster down

Exit status: 0 done, 1 failed, 2 usage, 3 timed out, 130 interrupted.`

const program = new Command('sluice')
  .description('Sluice: a distributed event log.')
  .option('--bootstrap <host:port,…>', 'brokers to ask first (env SLUICE_BOOTSTRAP)')
  .option('--json', 'machine-readable answers')
  .option('--timeout <duration>', 'give up after this long: 500ms, 30s')
  .option('--quiet', 'no remarks and no progress on stderr')
  .option('--no-color', 'no colours')
  .option('--version', 'print the version')
  .configureHelp({ showGlobalOptions: true })
  .addHelpText('after', examples)
  .helpCommand(false)
  .exitOverride()

const words = process.argv.slice(2)
await run(words[0] === 'help' ? [...words.slice(1), '--help'] : words)

async function run(argv: readonly string[]): Promise<void> {
  const isJson = argv.includes('--json')
  if (argv.includes('--no-color')) process.env['NO_COLOR'] = '1'
  program.configureOutput({
    writeErr: (text) => {
      if (!isJson) process.stderr.write(text)
    },
    outputError: (text, write) => {
      if (!isJson) write(text.replace(/^error: /, 'sluice: '))
    },
  })
  if (!isJson) program.showHelpAfterError('(sluice --help lists the commands)')
  if (process.env['SLUICE_BOOTSTRAP'] !== undefined)
    program.setOptionValue('bootstrap', process.env['SLUICE_BOOTSTRAP'])
  process.stdout.on('error', onLostOutput)
  try {
    const called = nameOf(argv)
    if (called === undefined && argv.includes('--version')) {
      process.stdout.write(`${await version()}\n`)
      return
    }
    for (const [name, { summary, load }] of Object.entries(commands)) {
      if (name === called) (await load()).addCommand(program)
      else program.command(name).description(summary)
    }
    await program.parseAsync(argv.length === 0 ? ['--help'] : [...argv], { from: 'user' })
  } catch (cause) {
    fail(cause, isJson)
  }
}

/** The first word that is neither an option nor the value of one. */
function nameOf(argv: readonly string[]): string | undefined {
  const withValue = new Set(['--bootstrap', '--timeout'])
  return argv.find((word, index) => !word.startsWith('-') && !withValue.has(argv[index - 1] ?? ''))
}

function fail(cause: unknown, isJson: boolean): void {
  if (cause instanceof CommanderError) {
    process.exitCode = cause.exitCode === 0 ? exitStatus.done : exitStatus.usage
    if (isJson && cause.exitCode !== 0)
      printError({
        code: 'USAGE',
        message:
          cause.code === 'commander.help'
            ? 'A subcommand is missing: the same command with --help lists them.'
            : cause.message.replace(/^error: /, ''),
        isRetriable: false,
      })
    return
  }
  const { status, code, message, isRetriable } = describeFailure(cause)
  process.exitCode = status
  if (isJson) printError({ code, message, isRetriable })
  else process.stderr.write(`sluice: ${message}\n`)
  if (process.env['SLUICE_DEBUG'] !== undefined) process.stderr.write(`${stackOf(cause)}\n`)
}

function printError(error: object): void {
  process.stderr.write(`${JSON.stringify({ error })}\n`)
}

function stackOf(cause: unknown): string {
  return cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)
}

/** The reader of a pipe left (`sluice consume t | head`): nothing to say, nothing to do. Else the disk is full or gone. */
function onLostOutput(cause: Error): void {
  if ('code' in cause && cause.code === 'EPIPE') process.exit(exitStatus.done)
  const failure = new CommandError('FAILED', `Standard output takes no more: ${cause.message}`)
  fail(failure, process.argv.includes('--json'))
  process.exit()
}

/** Of the package that this file is part of: as sources or, in `dist`, compiled. */
async function version(): Promise<string> {
  const { readFile } = await import('node:fs/promises')
  const root = import.meta.url.endsWith('.ts') ? '../../..' : '../../../..'
  const text = await readFile(new URL(`${root}/package.json`, import.meta.url), 'utf8')
  const manifest: unknown = JSON.parse(text)
  const isNamed = typeof manifest === 'object' && manifest !== null && 'version' in manifest
  return `sluice ${isNamed ? String(manifest.version) : 'of unknown version'}`
}
