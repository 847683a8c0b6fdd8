/** `sluice cluster …`: a cluster of real processes on this machine, in the background. */
import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline/promises'
import { type Command } from 'commander'
import { LocalCluster, type LocalClusterStatus } from '../local-cluster/local-cluster.ts'
import { logFileOf } from '../local-cluster/node-process.ts'
import { CommandError } from './failure.ts'
import { collect, Shell, wholeNumber } from './shell.ts'

interface ClusterOptions {
  readonly dir: string
}

interface UpOptions extends ClusterOptions {
  readonly nodes?: string
  readonly splitRoles?: boolean
  readonly ports: string
  readonly set?: readonly string[]
}

const defaultDir = '.sluice/cluster'

const help = `
Examples:
  sluice cluster up                    three nodes, data kept in ${defaultDir}
  sluice cluster up --nodes 1 --ports auto --dir /tmp/one
  sluice cluster kill 2                as a crash; then: sluice cluster start 2
  sluice cluster logs 2`

/** Adds the command. */
export function addCommand(program: Command): void {
  const cluster = program
    .command('cluster')
    .description('A local cluster of real processes that survives the shell.')
    .addHelpText('after', help)
  sub(cluster, 'up', 'start every node, formatting a new directory; waits until all are ready')
    .option('--nodes <n>', 'how many brokers (default: 3, or as the cluster is)')
    .option('--split-roles', 'three controllers beside the brokers, in processes of their own')
    .option('--ports <default|auto>', 'default: 7092 + 100 × (i − 1) …; auto: free ones', 'default')
    .option('--set <key=value>', 'a setting of every node of a new cluster (repeatable)', collect)
    .action(up)
  sub(cluster, 'status', 'nodes, ports and processes').action(status)
  sub(cluster, 'down', 'stop every node').action(down)
  sub(cluster, 'wipe', 'kill every node and remove the directory')
    .option('--yes', 'do not ask')
    .action(wipe)
  sub(cluster, 'logs <id>', 'print the log of a node').action(logs)
  onNode(cluster, 'start', 'start a node', async (local, id) => local.start(id))
  onNode(cluster, 'stop', 'stop a node in a controlled way', async (local, id) => local.stop(id))
  onNode(cluster, 'kill', 'SIGKILL a node', async (local, id) => local.kill(id))
  onNode(cluster, 'pause', 'SIGSTOP a node', async (local, id) => local.pause(id))
  onNode(cluster, 'resume', 'SIGCONT a node', async (local, id) => local.resume(id))
  onNode(cluster, 'restart', 'stop and start a node', async (local, id) => {
    await local.stop(id)
    await local.start(id)
  })
}

function sub(cluster: Command, name: string, summary: string): Command {
  return cluster
    .command(name)
    .description(summary)
    .option('--dir <dir>', 'directory of the cluster', defaultDir)
}

function onNode(
  cluster: Command,
  name: string,
  summary: string,
  act: (local: LocalCluster, id: number) => Promise<void>,
): void {
  sub(cluster, `${name} <id>`, summary).action(
    async (id: string, { dir }: ClusterOptions, command: Command) => {
      const local = new LocalCluster(dir)
      const node = wholeNumber(id, { what: `sluice cluster ${name}`, min: 1 })
      await act(local, node)
      const state = await local.status()
      const now = state.nodes.find((one) => one.id === node)
      Shell.of(command).answer(now, `Node ${node}: ${now?.state ?? 'unknown'}.`)
    },
  )
}

async function up(options: UpOptions, command: Command): Promise<void> {
  const shell = Shell.of(command)
  if (options.ports !== 'default' && options.ports !== 'auto')
    throw new CommandError('USAGE', `--ports takes default or auto, not '${options.ports}'.`)
  shell.progress('Starting …')
  const state = await new LocalCluster(options.dir).up({
    nodeCount:
      options.nodes === undefined
        ? undefined
        : wholeNumber(options.nodes, { what: '--nodes', min: 1, max: 99 }),
    isSplit: options.splitRoles === true,
    ports: options.ports,
    set: options.set ?? [],
  })
  shell.endProgress()
  await print(shell, state)
}

async function status({ dir }: ClusterOptions, command: Command): Promise<void> {
  await print(Shell.of(command), await new LocalCluster(dir).status())
}

async function down({ dir }: ClusterOptions, command: Command): Promise<void> {
  const local = new LocalCluster(dir)
  await local.down()
  Shell.of(command).answer(await local.status(), 'All nodes are stopped; their data is kept.')
}

async function wipe(options: ClusterOptions & { yes?: boolean }, command: Command): Promise<void> {
  const local = new LocalCluster(options.dir)
  await local.status()
  if (options.yes !== true) await confirm(`Remove ${options.dir} with all its records?`)
  await local.wipe()
  Shell.of(command).answer({ dir: options.dir, wiped: true }, `${options.dir} is removed.`)
}

async function logs(id: string, { dir }: ClusterOptions): Promise<void> {
  const node = wholeNumber(id, { what: 'sluice cluster logs', min: 1 })
  const { nodes } = await new LocalCluster(dir).status()
  const found = nodes.find((one) => one.id === node)
  if (found === undefined) throw new CommandError('FAILED', `There is no node ${node} in ${dir}.`)
  process.stdout.write(await readFile(logFileOf(found.dir)))
}

async function print(shell: Shell, state: LocalClusterStatus): Promise<void> {
  shell.note(`cluster ${state.clusterId}, bootstrap ${state.bootstrap}`)
  await shell.answerTable(state, {
    head: ['ID', 'ROLES', 'STATE', 'PID', 'GRPC', 'QUORUM', 'HTTP', 'DIR'],
    rows: state.nodes.map((node) => [
      String(node.id),
      node.roles.join(','),
      node.state,
      String(node.pid ?? '-'),
      node.grpc ?? '-',
      node.quorum ?? '-',
      node.http,
      node.dir,
    ]),
  })
}

/** Asks on a terminal; a script that calls a destructive command means it. */
async function confirm(question: string): Promise<void> {
  if (!process.stdin.isTTY) return
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  const reply = await terminal.question(`${question} [y/N] `)
  terminal.close()
  if (!/^y(es)?$/i.test(reply.trim())) throw new CommandError('FAILED', 'Nothing was removed.')
}
