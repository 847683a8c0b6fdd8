/**
 * `/livez` and `/readyz` for orchestrators: 200 or 503 with one word. Owned by the program of a
 * node; holds no state of its own.
 */
import { createServer, type ServerResponse } from 'node:http'
import { TransportFault } from '../../engine/ports/fault.ts'

/** What is served, and where. */
export interface HealthServerOptions {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  readonly isReady: () => boolean
}

/** A bound server. */
export interface HealthServer {
  readonly port: number
  readonly close: () => Promise<void>
}

/** Binds; rejects with `TransportFault('refused')` when the port is in use. */
export async function openHealthServer(options: HealthServerOptions): Promise<HealthServer> {
  const server = createServer((request, response) => {
    const path = (request.url ?? '').split('?')[0]
    if (path === '/livez') answer(response, 200, 'live')
    else if (path !== '/readyz') answer(response, 404, 'not found')
    else if (options.isReady()) answer(response, 200, 'ready')
    else answer(response, 503, 'not ready')
  })
  server.requestTimeout = 10_000
  server.maxConnections = 256
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => {
      const message = `cannot listen on ${options.host}:${options.port}: ${cause.message}`
      reject(new TransportFault('refused', message, { cause }))
    })
    server.listen(options.port, options.host, resolve)
  })
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : options.port,
    close: async () =>
      new Promise<void>((resolve) => {
        server.close(() => {
          resolve()
        })
        server.closeAllConnections()
      }),
  }
}

function answer(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' })
  response.end(`${text}\n`)
}
