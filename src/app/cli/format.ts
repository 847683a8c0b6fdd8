/** `sluice format`: prepares the directories of a new node, and with them the first voters of the quorum. */
import { type Command } from 'commander'
import { clusterId, directoryId, isUuid, nodeId } from '../../base/id.ts'
import { type Settings } from '../../core/config/settings.ts'
import { type FormattedNode, type InitialController } from '../../engine/node/format-node.ts'
import { readConfig } from '../config/read-config.ts'
import { CommandError } from './failure.ts'
import { collect, Shell } from './shell.ts'

interface FormatOptions {
  readonly config?: string
  readonly set?: readonly string[]
  readonly clusterId?: string
  readonly initialControllers?: string
  readonly standalone?: boolean
  readonly ignoreFormatted?: boolean
}

const help = `
Examples:
  sluice format --config cluster/one-node/node-1.properties --standalone
  sluice format --config cluster/three-node/node-1.properties --cluster-id ID \\
    --initial-controllers 1@127.0.0.1:7093:DIR1,2@127.0.0.1:7193:DIR2,3@127.0.0.1:7293:DIR3
  sluice format --config node-1.properties --ignore-formatted   # after a directory was added to log.dirs
Make each id with sluice random-uuid; give every node the same list.`

/** Adds the command. */
export function addCommand(program: Command): void {
  program
    .command('format')
    .description(
      'Prepare the directories of a new node. Never touches a directory that is not empty.',
    )
    .option('-c, --config <file>', '.properties or YAML file')
    .option('--set <key=value>', 'a setting (repeatable)', collect)
    .option('--cluster-id <id>', 'id of the cluster, the same on every node; default: a fresh one')
    .option('--initial-controllers <id@host:port:dirid,…>', 'voters of the first quorum')
    .option('--standalone', 'this node alone is the quorum')
    .option(
      '--ignore-formatted',
      'leave what is formatted for this node alone: for a directory added to log.dirs',
    )
    .addHelpText('after', help)
    .action(async (options: FormatOptions, command: Command) => {
      await format(options, Shell.of(command))
    })
}

async function format(options: FormatOptions, shell: Shell): Promise<void> {
  const { settings } = await readConfig({ file: options.config, set: options.set ?? [] })
  const { systemEntropy } = await import('../../edge/system/system-entropy.ts')
  const entropy = systemEntropy()
  const isAdding = options.ignoreFormatted === true
  const known = isAdding ? await clusterOf(settings) : undefined
  const cluster = options.clusterId ?? known ?? entropy.uuid()
  if (!isUuid(cluster))
    throw new CommandError(
      'USAGE',
      `--cluster-id takes 22 characters of base64url, not '${cluster}': make one with sluice random-uuid.`,
    )
  const initialControllers =
    options.standalone === true
      ? [standalone(settings, entropy.uuid())]
      : parseControllers(options.initialControllers ?? '')
  const isNew = known === undefined
  if (isNew && settings['process.roles'].includes('controller') && initialControllers.length === 0)
    throw new CommandError(
      'USAGE',
      'A node with the role controller needs --initial-controllers, or --standalone for a quorum of one.',
    )
  const formatted = await formatHere(settings, {
    ...{ cluster, initialControllers },
    ignoreFormatted: isAdding,
  })
  shell.answer(
    {
      clusterId: cluster,
      nodeId: settings['node.id'],
      metadata: formatted.metadata,
      data: formatted.data,
    },
    describe(settings, cluster, formatted),
  )
}

/** The cluster of a node whose metadata directory is formatted already. */
async function clusterOf(settings: Settings): Promise<string | undefined> {
  const [{ clusterAt, pathsOf }, { storagePorts }] = await Promise.all([
    import('../../engine/node/directories.ts'),
    import('../server/storage-ports.ts'),
  ])
  return clusterAt(storagePorts().files, pathsOf(settings).metadata)
}

async function formatHere(
  settings: Settings,
  of: {
    readonly cluster: string
    readonly initialControllers: readonly InitialController[]
    readonly ignoreFormatted: boolean
  },
): Promise<FormattedNode> {
  const [{ formatNode }, { storagePorts }] = await Promise.all([
    import('../../engine/node/format-node.ts'),
    import('../server/storage-ports.ts'),
  ])
  return formatNode({
    ports: storagePorts(),
    settings,
    clusterId: clusterId(of.cluster),
    nodeId: nodeId(settings['node.id']),
    initialControllers: of.initialControllers,
    ignoreFormatted: of.ignoreFormatted,
  })
}

function describe(settings: Settings, cluster: string, formatted: FormattedNode): string {
  const paths = [...formatted.data, formatted.metadata].map(
    (one) => `  ${one.path} (directory ${one.directoryId})`,
  )
  return [`Node ${settings['node.id']} of cluster ${cluster}:`, ...paths].join('\n')
}

/** The voter that this node itself is: its controller listener, under a fresh directory id. */
function standalone(settings: Settings, directory: string): InitialController {
  const names = settings['controller.listener.names']
  const all = [...settings['advertised.listeners'], ...settings.listeners]
  const own = all.find((listener) => names.includes(listener.split('://')[0] ?? ''))
  const [, listener = '', host = '', port = ''] =
    /^([A-Za-z_]+):\/\/\[?(.*?)\]?:(\d+)$/.exec(own ?? '') ?? []
  if (port === '')
    throw new CommandError('USAGE', '--standalone needs a controller listener among listeners.')
  return {
    nodeId: nodeId(settings['node.id']),
    directoryId: directoryId(directory),
    endpoint: { listener, host, port: Number(port) },
  }
}

function parseControllers(text: string): readonly InitialController[] {
  return text
    .split(',')
    .filter((item) => item !== '')
    .map((item) => {
      const [, id = '', host = '', port = '', directory = ''] =
        /^(\d+)@\[?(.+?)\]?:(\d+):([A-Za-z0-9_-]{22})$/.exec(item.trim()) ?? []
      if (id === '')
        throw new CommandError(
          'USAGE',
          `--initial-controllers takes id@host:port:directory-id, not '${item}': make directory ids with sluice random-uuid.`,
        )
      return {
        nodeId: nodeId(Number(id)),
        directoryId: directoryId(directory),
        endpoint: { listener: 'CONTROLLER', host, port: Number(port) },
      }
    })
}
