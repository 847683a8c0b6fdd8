/**
 * The program of a node. Before anything else it prepares the process, because the size of the
 * thread pool and V8's heap limits count only when they are set before their first use; hence the
 * dynamic import below. `sluice start` runs the same code in its own process.
 */
import { prepareProcess } from './prepare-process.ts'

prepareProcess()
const { serveFromArguments } = await import('./serve.ts')
await serveFromArguments(process.argv.slice(2))
