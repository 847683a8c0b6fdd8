/** Binds a server to one address, and says in a sentence why that fails. */
import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { logVerbosity, type Server, ServerCredentials, setLogVerbosity } from '@grpc/grpc-js'
import type { Endpoint } from '../../core/api/endpoint.ts'
import { TransportFault } from '../../engine/ports/fault.ts'

/**
 * The port bound. A name is looked up here, and its first address taken: grpc-js would be content with
 * any of them, and a port in use on 127.0.0.1 would go unnoticed beside a free one on ::1.
 */
export async function bind(server: Server, endpoint: Endpoint): Promise<number> {
  const { host, port } = endpoint
  const address = await addressOf(host)
  const target = isIP(address) === 6 ? `[${address}]:${port}` : `${address}:${port}`
  // It would print the failure that is thrown below; GRPC_VERBOSITY still has its way.
  if (process.env['GRPC_VERBOSITY'] === undefined) setLogVerbosity(logVerbosity.NONE)
  return new Promise((resolve, reject) => {
    server.bindAsync(target, ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound)
      else reject(new TransportFault('refused', sentence(endpoint, error), { cause: error }))
    })
  })
}

async function addressOf(host: string): Promise<string> {
  if (isIP(host) !== 0) return host
  try {
    return (await lookup(host)).address
  } catch (cause) {
    const message = `The host ${host} of a listener has no address.`
    throw new TransportFault('unresolved', message, { cause })
  }
}

function sentence({ listener, host, port }: Endpoint, error: Error): string {
  const cannot = `The listener ${listener} cannot open ${host}:${port}`
  if (error.message.includes('EADDRINUSE')) {
    return `${cannot}: another program uses the port. Stop it, or give the listener another port.`
  }
  if (error.message.includes('EADDRNOTAVAIL')) {
    return `${cannot}: this machine does not have the address.`
  }
  if (error.message.includes('EACCES')) return `${cannot}: the port needs more rights.`
  return `${cannot}: ${error.message}.`
}
