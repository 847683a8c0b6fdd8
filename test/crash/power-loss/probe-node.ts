/**
 * Changes files and a database below a directory through the ports that the storage engine uses, and
 * syncs next to nothing: `node probe-node.ts ROOT`.
 */
import path from 'node:path'
import { utf8 } from '../../../src/base/bytes.ts'
import { levelStores } from '../../../src/edge/leveldb/level-stores.ts'
import { systemFileStore } from '../../../src/edge/system/system-file-store.ts'

const [root = ''] = process.argv.slice(2)
const files = systemFileStore()
const at = (name: string): string => path.join(root, 'files', name)

const durable = await files.open(at('durable'), { mode: 'create', durable: true })
await durable.write(0, [utf8('ccc')])
await files.syncDirectory(path.join(root, 'files'))
await durable.close()

const there = await files.open(at('there'), { mode: 'write' })
await there.write(100, [utf8('one slice')])
await there.write(200, [utf8('two '), utf8('slices')])
await there.allocate(100_000)
await there.close()
const created = await files.open(at('created'), { mode: 'create', durable: true })
await created.write(0, [utf8('a name that nobody synced')])
await created.close()
await files.remove(at('doomed'))
await files.rename(at('old-name'), at('new-name'))

const stores = levelStores()
const store = await stores.open(path.join(root, 'table'), { create: true })
const row = (text: string): { type: 'put'; key: Uint8Array; value: Uint8Array } => ({
  type: 'put',
  key: utf8(text),
  value: utf8(text),
})
await store.batch([row('synced')], { sync: true })
await store.batch([row('not synced')], { sync: false })
process.exit(0)
