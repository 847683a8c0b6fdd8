/**
 * `sluice dev`: a cluster to play with, all nodes in this process, in the foreground. One READY
 * line; Ctrl-C ends it. The same code as a node of its own, only without the process boundary.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type Command } from 'commander'
import { type Node } from '../../engine/node/node.ts'
import { removeCluster, requireClusterOrEmpty } from '../local-cluster/cluster-dir.ts'
import { type LocalClusterState, readState, writeState } from '../local-cluster/state-file.ts'
import { prepareProcess } from '../server/prepare-process.ts'
import { CommandError, exitStatus } from './failure.ts'
import { collect, Shell, wholeNumber } from './shell.ts'

interface DevOptions {
  readonly brokers: string
  readonly dir: string
  readonly ports: string
  readonly memory?: boolean
  readonly fresh?: boolean
  readonly set?: readonly string[]
}

/** Adds the command. */
export function addCommand(program: Command): void {
  program
    .command('dev')
    .description('A cluster to play with, in this process, until Ctrl-C.')
    .option('--brokers <n>', 'how many nodes', '3')
    .option('--dir <dir>', 'where data is kept', '.sluice/dev')
    .option('--memory', 'keep nothing: data in RAM where the system can, removed in the end')
    .option('--fresh', 'remove the cluster that an earlier run left')
    .option('--ports <default|auto>', 'auto takes free ones', 'default')
    .option('--set <key=value>', 'a setting of every node of a new cluster (repeatable)', collect)
    .addHelpText('after', '\nExamples:\n  sluice dev\n  sluice dev --brokers 1 --memory')
    .action(async (options: DevOptions, command: Command) => {
      prepareProcess()
      await dev(options, Shell.of(command))
    })
}

async function dev(options: DevOptions, shell: Shell): Promise<void> {
  shell.catchInterrupt()
  const dir = options.memory === true ? await temporaryDir() : resolve(options.dir)
  await requireClusterOrEmpty(dir)
  if (options.fresh === true) await removeEarlier(dir)
  const nodes: Node[] = []
  try {
    const state = (await readState(dir)) ?? (await create(dir, options))
    await Promise.all(state.nodes.map(async ({ dir: own }) => nodes.push(await startNode(own))))
    await Promise.all(nodes.map(async (node) => node.ready()))
    const bootstrap = state.nodes
      .flatMap(({ ports }) => (ports.grpc === undefined ? [] : `127.0.0.1:${ports.grpc}`))
      .join(',')
    shell.answer(
      { bootstrap, clusterId: state.clusterId, dir, brokers: state.nodes.length },
      `sluice ready dev brokers=${state.nodes.length} bootstrap=${bootstrap} dir=${dir}`,
    )
    await new Promise<void>((done) => {
      shell.signal.addEventListener('abort', () => {
        done()
      })
    })
    await Promise.all(nodes.map(async (node) => node.shutdown()))
  } finally {
    await Promise.all(nodes.map(async (node) => node.close()))
    if (options.memory === true) await rm(dir, { recursive: true, force: true })
  }
  process.exit(exitStatus.done)
}

/** The cluster of an earlier run, unless it still runs. */
async function removeEarlier(dir: string): Promise<void> {
  const earlier = await readState(dir)
  if (earlier === undefined) return
  const { firstUsedPort } = await import('../local-cluster/plan.ts')
  const used = await firstUsedPort(earlier.nodes)
  if (used !== undefined)
    throw new CommandError(
      'FAILED',
      `Port ${used} of the cluster in ${dir} is in use: end the cluster before it is removed.`,
    )
  await removeCluster(dir)
  await requireClusterOrEmpty(dir)
}

async function create(dir: string, options: DevOptions): Promise<LocalClusterState> {
  const { firstUsedPort, planNodes } = await import('../local-cluster/plan.ts')
  const { formatCluster } = await import('../local-cluster/format-cluster.ts')
  if (options.ports !== 'default' && options.ports !== 'auto')
    throw new CommandError('USAGE', `--ports takes default or auto, not '${options.ports}'.`)
  const nodes = await planNodes({
    nodeCount: wholeNumber(options.brokers, { what: '--brokers', min: 1, max: 9 }),
    isSplit: false,
    ports: options.ports,
  })
  const used = await firstUsedPort(nodes)
  if (used !== undefined)
    throw new CommandError(
      'FAILED',
      `Port ${used} is in use: stop what runs there, or choose free ports with --ports auto.`,
    )
  const state = await formatCluster({ dir, nodes, set: options.set ?? [] })
  await writeState(dir, state)
  return state
}

async function startNode(dir: string): Promise<Node> {
  const { readConfig } = await import('../config/read-config.ts')
  const { configFileOf } = await import('../local-cluster/node-process.ts')
  const { startSystemNode } = await import('../server/system-node.ts')
  const { settings, sourced } = await readConfig({ file: configFileOf(dir) })
  const isChosen = sourced.some(({ key, source }) => key === 'log.level' && source !== 'default')
  // A terminal to play on: only what somebody should look at, unless they ask for more.
  const quiet = isChosen ? settings : { ...settings, 'log.level': 'warn' as const }
  return startSystemNode(quiet, {
    onFailure: (cause) => {
      process.stderr.write(`sluice: a node failed: ${String(cause)}\n`)
      process.exit(exitStatus.failed)
    },
  })
}

async function temporaryDir(): Promise<string> {
  const ram = '/dev/shm'
  return mkdtemp(join(existsSync(ram) ? ram : tmpdir(), 'sluice-dev-'))
}
