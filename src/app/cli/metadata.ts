/** `sluice metadata …`: what ZooKeeper used to hold, readable; of a running cluster or of a log directory. */
import { type Command } from 'commander'
import { findNode, type MetadataNode } from '../../core/metadata/describe.ts'
import { withClient } from './connect.ts'
import { CommandError } from './failure.ts'
import { liveTree } from './live-tree.ts'
import { Shell } from './shell.ts'
import { drawTree, jsonTree, listNames, printValue } from './tree.ts'

interface Options {
  readonly offline?: string
}

const help = `
Examples:
  sluice metadata tree
  sluice metadata ls /topics
  sluice metadata cat /topics/orders/partitions/0
  sluice metadata tree / --offline .sluice/cluster/node-1/metadata`

/** Adds the command. */
export function addCommand(program: Command): void {
  const metadata = program
    .command('metadata')
    .description('Browse the metadata of a cluster as a tree.')
    .addHelpText('after', help)
  sub(metadata, 'ls', 'names at a path', (shell, node) => {
    const names = listNames(node)
    shell.answer(names, names.join('\n'))
  })
  sub(metadata, 'cat', 'the value at a path', (shell, node, path) => {
    if (node.value === undefined)
      throw new CommandError(
        'FAILED',
        `${path} is a folder: list it with sluice metadata ls ${path}.`,
      )
    shell.answer(node.value, printValue(node))
  })
  sub(metadata, 'tree', 'everything below a path', (shell, node) => {
    shell.answer(jsonTree(node), drawTree(node).join('\n'))
  })
}

function sub(
  metadata: Command,
  name: string,
  summary: string,
  print: (shell: Shell, node: MetadataNode, path: string) => void,
): void {
  metadata
    .command(`${name} [path]`)
    .description(summary)
    .option('--offline <logdir>', 'read a metadata log directory instead of asking a cluster')
    .action(async (path: string | undefined, options: Options, command: Command) => {
      const shell = Shell.of(command)
      const root =
        options.offline === undefined ? await readLive(shell) : await readOffline(options.offline)
      const node = findNode(root, path ?? '/')
      if (node === undefined)
        throw new CommandError(
          'FAILED',
          `There is nothing at ${path ?? '/'}: look around with sluice metadata tree.`,
        )
      print(shell, node, path ?? '/')
    })
}

async function readLive(shell: Shell): Promise<MetadataNode> {
  return withClient(shell, async ({ admin }) => {
    const [metadata, quorum] = await Promise.all([
      admin.describeCluster({ topics: 'all' }),
      admin.describeQuorum(),
    ])
    const resources = [
      { type: 'cluster', name: '' } as const,
      ...metadata.brokers.map(({ id }) => ({ type: 'broker', name: String(id) }) as const),
      ...metadata.topics.map(({ name }) => ({ type: 'topic', name }) as const),
    ]
    const configs = await Promise.all(
      resources.map(async (resource) => {
        const entries = await admin.describeConfig(resource)
        const path = resource.name === '' ? resource.type : `${resource.type}/${resource.name}`
        return [path, entries.filter(({ source }) => source === resource.type)] as const
      }),
    )
    return liveTree({ metadata, quorum, configs: new Map(configs) })
  })
}

async function readOffline(directory: string): Promise<MetadataNode> {
  const { readMetadataLog } = await import('../inspect/read-metadata-log.ts')
  const { describeImage } = await import('../../core/metadata/describe.ts')
  return describeImage(await readMetadataLog(directory))
}
