/** What a gRPC status means to a caller: a fault of the transport. Answers of the service never come as a status. */
import { status, type StatusObject } from '@grpc/grpc-js'
import { TransportFault } from '../../engine/ports/fault.ts'

/** Where a call went, for messages. */
export interface CallTarget {
  readonly host: string
  readonly port: number
}

/** The fault of a call that ended with this status. */
export function faultOf(
  ended: Pick<StatusObject, 'code' | 'details'>,
  target: CallTarget,
): TransportFault {
  const at = `${target.host}:${target.port}`
  const details = ended.details
  if (ended.code === status.DEADLINE_EXCEEDED) {
    return new TransportFault('timeout', `${at} has not answered in time.`)
  }
  if (ended.code === status.OK) {
    return new TransportFault('disconnected', `${at} ended the stream.`)
  }
  if (ended.code !== status.UNAVAILABLE) {
    return new TransportFault('disconnected', `${at} ended the call: ${details}.`)
  }
  if (details.includes('Name resolution failed') || /ENOTFOUND|EAI_AGAIN/.test(details)) {
    return new TransportFault('unresolved', `The name ${target.host} has no address.`)
  }
  if (details.includes('No connection established')) {
    return new TransportFault(
      'refused',
      `Nobody takes the connection at ${at}: ${reason(details)}.`,
    )
  }
  return new TransportFault('disconnected', `The connection to ${at} broke: ${details}.`)
}

/** True when the connection as a whole is of no use any more, not only the call. */
export function breaksConnection(code: status): boolean {
  return code === status.UNAVAILABLE
}

/** The length of a frame that was too long for the peer, when the status says so. */
export function tooLongBytes(ended: Pick<StatusObject, 'code' | 'details'>): number | undefined {
  if (ended.code !== status.RESOURCE_EXHAUSTED) return undefined
  const match = /larger than max \((\d+) vs\.? (\d+)\)/.exec(ended.details)
  return match === null ? undefined : Number(match[1])
}

function reason(details: string): string {
  return /E[A-Z]{4,}/.exec(details)?.[0] ?? 'no connection'
}
