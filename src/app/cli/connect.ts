/** The SDK client of a command: loaded only by commands that need a cluster, closed whatever happens. */
import { type Client } from '../sdk/client.ts'
import { type Shell } from './shell.ts'

/** How long a command without --timeout waits for an answer, and for the first broker that takes a connection. */
const defaultTimeoutMs = 15_000
const defaultConnectMs = 3000

/** Runs work with a client of the cluster that the global options name. */
export async function withClient<T>(
  shell: Shell,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const { Client } = await import('../sdk/index.ts')
  const client = new Client({
    bootstrap: shell.options.bootstrap,
    clientId: 'sluice-cli',
    connectTimeoutMs: shell.options.timeoutMs ?? defaultConnectMs,
    requestTimeoutMs: shell.options.timeoutMs ?? defaultTimeoutMs,
  })
  try {
    return await work(client)
  } finally {
    await client.close()
  }
}
