/** A local cluster in a temporary directory on free ports, removed whatever happens. For e2e tests and benchmarks. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LocalCluster, type LocalClusterStatus } from '../../src/app/local-cluster/local-cluster.ts'

/** How it should be. */
export interface TemporaryClusterOptions {
  readonly nodeCount?: number
  readonly isSplit?: boolean
  /** `key=value` for every node. */
  readonly set?: readonly string[]
}

/** A running cluster and where it is. */
export interface TemporaryCluster {
  readonly cluster: LocalCluster
  readonly dir: string
  readonly status: LocalClusterStatus
  readonly bootstrap: string
  readonly [Symbol.asyncDispose]: () => Promise<void>
}

/** Starts it and waits until every node is ready. */
export async function startTemporaryCluster(
  options: TemporaryClusterOptions = {},
): Promise<TemporaryCluster> {
  const parent = await mkdtemp(join(tmpdir(), 'sluice-cluster-'))
  const dir = join(parent, 'cluster')
  const cluster = new LocalCluster(dir)
  const remove = async (): Promise<void> => {
    await cluster.wipe().catch(() => undefined)
    await rm(parent, { recursive: true, force: true })
  }
  try {
    const status = await cluster.up({
      nodeCount: options.nodeCount ?? 3,
      isSplit: options.isSplit ?? false,
      ports: 'auto',
      set: options.set ?? [],
    })
    return { cluster, dir, status, bootstrap: status.bootstrap, [Symbol.asyncDispose]: remove }
  } catch (cause) {
    await remove()
    throw cause
  }
}
