/** What a node's process needs before it loads anything else. Imports nothing but Node's own. */
import { enableCompileCache } from 'node:module'
import { setFlagsFromString } from 'node:v8'

/**
 * Memory outside V8's heap counts towards its limit, so that Buffers alone do not trigger full
 * collections (Node 24 collects too eagerly when Buffers abound); young objects get room; and the
 * pool has threads for the file system beside the compressors.
 */
export function prepareProcess(): void {
  setFlagsFromString('--external-memory-accounted-in-global-limit')
  setFlagsFromString('--initial-heap-size=256')
  setFlagsFromString('--semi-space-growth-factor=4')
  process.env['UV_THREADPOOL_SIZE'] ??= '16'
  enableCompileCache()
}
