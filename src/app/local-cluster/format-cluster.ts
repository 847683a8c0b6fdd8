/** Prepares the directories and configurations of a new local cluster from the files in `cluster/`. */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { clusterId, directoryId, nodeId } from '../../base/id.ts'
import { readProperties, writeProperties } from '../../core/config/properties.ts'
import { formatNode, type InitialController } from '../../engine/node/format-node.ts'
import { pairOf, readConfig } from '../config/read-config.ts'
import { storagePorts } from '../server/storage-ports.ts'
import { configFileOf } from './node-process.ts'
import { nodeDirOf, removeNodes } from './cluster-dir.ts'
import { type PlannedNode } from './plan.ts'
import { type LocalClusterState, type LocalNode } from './state-file.ts'

/** What to prepare. */
export interface FormatCluster {
  readonly dir: string
  readonly nodes: readonly PlannedNode[]
  /** `key=value` for every node. */
  readonly set: readonly string[]
}

const templates = fileURLToPath(new URL('../../../cluster/', import.meta.url))
const host = '127.0.0.1'

/** Writes one folder a node, formatted; nothing is started. Nothing is written for a wrong setting. */
export async function formatCluster(options: FormatCluster): Promise<LocalClusterState> {
  const ports = storagePorts()
  const { entropy } = ports
  const id = clusterId(entropy.uuid())
  const voters: readonly InitialController[] = options.nodes.flatMap(({ id: voter, ports }) =>
    ports.quorum === undefined
      ? []
      : {
          nodeId: nodeId(voter),
          directoryId: directoryId(entropy.uuid()),
          endpoint: { listener: 'CONTROLLER', host, port: ports.quorum },
        },
  )
  const configured = await Promise.all(
    options.nodes.map(async (planned) => {
      const dir = nodeDirOf(options.dir, planned.id)
      const values = await configOf(dir, planned, { voters, set: options.set })
      await readConfig({ set: Object.entries(values).map(([key, value]) => `${key}=${value}`) })
      return { dir, planned, values }
    }),
  )
  await mkdir(options.dir, { recursive: true })
  const made: string[] = []
  const formatted = await Promise.allSettled(
    configured.map(async ({ dir, planned, values }): Promise<LocalNode> => {
      await mkdir(dir) // fails where another command makes a cluster at the same time
      made.push(dir)
      await writeConfig(dir, planned, values)
      const { settings } = await readConfig({ file: configFileOf(dir) })
      await formatNode({
        ports,
        settings,
        clusterId: id,
        nodeId: nodeId(planned.id),
        initialControllers: voters,
      })
      return { id: planned.id, roles: planned.roles, ports: planned.ports, dir }
    }),
  )
  const failure = formatted.find((one) => one.status === 'rejected')
  if (failure !== undefined) {
    await removeNodes(options.dir, made)
    throw failure.reason
  }
  return {
    clusterId: id,
    nodes: formatted.flatMap((one) => (one.status === 'fulfilled' ? one.value : [])),
  }
}

async function configOf(
  dir: string,
  planned: PlannedNode,
  shared: { readonly voters: readonly InitialController[]; readonly set: readonly string[] },
): Promise<Readonly<Record<string, string>>> {
  const { grpc, quorum, http } = planned.ports
  const template = readProperties(await readFile(join(templates, planned.template), 'utf8'))
  return {
    ...template,
    'node.id': String(planned.id),
    'process.roles': planned.roles.join(','),
    listeners: [
      ...(grpc === undefined ? [] : [`CLIENT://${host}:${grpc}`]),
      ...(quorum === undefined ? [] : [`CONTROLLER://${host}:${quorum}`]),
    ].join(','),
    'http.listener': `${host}:${http}`,
    'controller.quorum.bootstrap.servers': shared.voters
      .map(({ endpoint }) => `${endpoint.host}:${endpoint.port}`)
      .join(','),
    ...(planned.roles.includes('broker') && { 'log.dirs': join(dir, 'data') }),
    'metadata.log.dir': join(dir, 'metadata'),
    ...Object.fromEntries(shared.set.map(pairOf)),
  }
}

async function writeConfig(
  dir: string,
  planned: PlannedNode,
  values: Readonly<Record<string, string>>,
): Promise<void> {
  const origin = `# Made by sluice cluster up from cluster/${planned.template}\n`
  await writeFile(configFileOf(dir), origin + writeProperties(values))
}
