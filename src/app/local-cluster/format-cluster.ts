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

/** Writes one folder a node, formatted; nothing is started. */
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
  const nodes = await Promise.all(
    options.nodes.map(async (planned): Promise<LocalNode> => {
      const dir = join(options.dir, `node-${planned.id}`)
      await writeConfig(dir, planned, { voters, set: options.set })
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
  return { clusterId: id, nodes }
}

async function writeConfig(
  dir: string,
  planned: PlannedNode,
  shared: { readonly voters: readonly InitialController[]; readonly set: readonly string[] },
): Promise<void> {
  const { grpc, quorum, http } = planned.ports
  const template = readProperties(await readFile(join(templates, planned.template), 'utf8'))
  const values = {
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
  await mkdir(dir, { recursive: true })
  const origin = `# Made by sluice cluster up from cluster/${planned.template}\n`
  await writeFile(configFileOf(dir), origin + writeProperties(values))
}
