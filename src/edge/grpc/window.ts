/**
 * Receive windows: how much a peer may send before it is read. HTTP/2 starts with 64 KiB, which holds a
 * stream of large frames to 130 MB/s where 1 MiB and more reach 480 (loopback, 64 KiB frames).
 *
 * Windows are also the bound of what a connection makes this process hold, as Node takes in all that
 * the window lets through. The caller's side has an option for it; grpc-js 1.14's server has none, so
 * this file, and no other, reaches into it: it sets what every session announces for its streams, and
 * raises the window of the session itself when one begins. A test fails when a new grpc-js breaks it.
 */
import type { Http2Server, ServerHttp2Session, Settings } from 'node:http2'
import type { ChannelOptions, Server } from '@grpc/grpc-js'
import type { Readable } from 'node:stream'
import { present } from '../../base/assert.ts'
import { connectionStreamCountMax } from './limits.ts'

const mib = 1024 * 1024

/** Receive window of each role, in bytes: of a connection, and of each of its streams. */
export const windowBytes = { broker: 4 * mib, client: mib } as const

/** The caller's option: announces the window and raises the session's own. */
export function callerWindow(role: keyof typeof windowBytes): ChannelOptions {
  return { 'grpc-node.flow_control_window': windowBytes[role] }
}

/** The parts of grpc-js's server that have no public name. */
interface ServerInside {
  readonly commonServerOptions: { settings?: Settings }
  readonly http2Servers: ReadonlyMap<Http2Server, unknown>
}

/** Makes the sessions of a server that is not bound yet announce the windows of clients. */
export function announceWindows(server: Server): void {
  const options = present(inside(server).commonServerOptions, 'grpc-js: commonServerOptions')
  options.settings = {
    ...options.settings,
    initialWindowSize: windowBytes.client,
    maxConcurrentStreams: connectionStreamCountMax,
    maxHeaderListSize: 16 * 1024,
  }
}

/** The HTTP/2 servers of a bound server. */
export function http2ServersOf(server: Server): readonly Http2Server[] {
  return [...present(inside(server).http2Servers, 'grpc-js: http2Servers').keys()]
}

/** Windows of all sessions together, above which new ones get less; none gets less than HTTP/2's own. */
const allWindowsBytes = 128 * mib
const ownWindowBytes = 65_535

/** Raises the window of a session that begins to that of clients, or less where there are very many. */
export function raiseWindow(session: ServerHttp2Session, sessionCount: number): void {
  const fairBytes = Math.floor(allWindowsBytes / sessionCount)
  session.setLocalWindowSize(Math.max(ownWindowBytes, Math.min(windowBytes.client, fairBytes)))
}

/** Raises the windows of a session whose Hello named a broker; its open streams get the larger one too. */
export function raiseToBroker(session: ServerHttp2Session): void {
  if (session.destroyed || session.closed) return
  session.settings({ initialWindowSize: windowBytes.broker })
  session.setLocalWindowSize(windowBytes.broker)
}

/**
 * Makes a stream that is paused hold one message at most: Node reads 16 ahead, of 1 MiB each. Its
 * stream's state has no public setter.
 */
export function boundReadAhead(stream: Readable): void {
  const { _readableState: state } = stream as unknown as {
    readonly _readableState: { highWaterMark: number } | undefined
  }
  present(state, 'node: _readableState').highWaterMark = 1
}

function inside(server: Server): ServerInside {
  // grpc-js declares these fields private; they are checked where they are read.
  return server as unknown as ServerInside
}
