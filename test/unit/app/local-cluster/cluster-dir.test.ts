/** The directory of a local cluster: what else is in it is nobody's to remove. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import {
  removeCluster,
  requireClusterOrEmpty,
} from '../../../../src/app/local-cluster/cluster-dir.ts'
import { LocalCluster } from '../../../../src/app/local-cluster/local-cluster.ts'
import { writeState } from '../../../../src/app/local-cluster/state-file.ts'

const scratch = mkdtempSync(join(tmpdir(), 'sluice-dir-'))
const shape = { nodeCount: 3, isSplit: false, ports: 'auto', set: [] } as const
let dirCount = 0

afterAll(() => {
  rmSync(scratch, { recursive: true, force: true })
})

async function dirWith(options: {
  readonly cluster: boolean
  readonly file: boolean
}): Promise<string> {
  dirCount += 1
  const dir = join(scratch, `dir-${dirCount}`)
  mkdirSync(join(dir, 'node-1'), { recursive: true })
  const ports = { grpc: 1, quorum: 2, http: 3 }
  const node = { id: 1, roles: ['broker', 'controller'], ports, dir: join(dir, 'node-1') } as const
  if (options.cluster) await writeState(dir, { clusterId: 'x', nodes: [node] })
  if (options.file) writeFileSync(join(dir, 'thesis.txt'), 'years of work')
  return dir
}

test('a cluster is removed with its directory', async () => {
  const dir = await dirWith({ cluster: true, file: false })
  await removeCluster(dir)
  expect(existsSync(dir)).toBe(false)
})

test('other files beside a cluster stay when it is wiped', async () => {
  const dir = await dirWith({ cluster: true, file: true })
  await new LocalCluster(dir).wipe()
  expect(readdirSync(dir)).toEqual(['thesis.txt'])
})

test('a directory without a cluster loses nothing', async () => {
  const dir = await dirWith({ cluster: false, file: true })
  await removeCluster(dir)
  expect(readdirSync(dir)).toEqual(['node-1', 'thesis.txt'])
})

test('a cluster moves only into an empty directory', async () => {
  const dir = await dirWith({ cluster: false, file: true })
  await expect(new LocalCluster(dir).up(shape)).rejects.toThrow(`${dir} holds something else`)
  expect(readdirSync(dir)).toEqual(['node-1', 'thesis.txt'])
  await expect(requireClusterOrEmpty(join(dir, 'thesis.txt'))).rejects.toThrow('not a directory')
  await requireClusterOrEmpty(join(dir, 'not-yet'))
})

test('a cluster keeps its number of brokers', async () => {
  const dir = await dirWith({ cluster: true, file: false })
  await expect(new LocalCluster(dir).up(shape)).rejects.toMatchObject({
    code: 'USAGE',
    message: expect.stringMatching(/has 1 brokers, not 3/) as unknown,
  })
})

test('a wrong setting is refused before anything is written', async () => {
  const dir = join(scratch, 'never')
  const up = new LocalCluster(dir).up({ ...shape, set: ['log.segment.bites=1'] })
  await expect(up).rejects.toThrow('log.segment.bites')
  expect(existsSync(dir)).toBe(false)
})
