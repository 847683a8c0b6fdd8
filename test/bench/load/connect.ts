/** Many clients that connected once and do nothing since. */
import { setTimeout as pause } from 'node:timers/promises'
import { Client } from '../../../src/app/sdk/index.ts'
import { type LoadResult, type LoadSpec, type Work } from './spec.ts'
import { Window } from './window.ts'

type ConnectWork = Extract<Work, { type: 'connect' }>

const atOnce = 50

/** Connects them, waits for the window's length, and looks at the broker while they are there. */
export async function connect(spec: LoadSpec, work: ConnectWork): Promise<LoadResult> {
  const clients: Client[] = []
  const window = new Window(spec.brokerPids)
  for (let count = 0; count < work.connectionCount; count += atOnce) {
    const some = Array.from({ length: atOnce }, () => new Client({ bootstrap: spec.bootstrap }))
    clients.push(...some)
    await Promise.all(some.map(async (client) => client.admin.describeCluster()))
  }
  await pause(spec.seconds * 1000)
  const result = window.end(clients.length)
  await Promise.all(clients.map(async (client) => client.close()))
  return result
}
