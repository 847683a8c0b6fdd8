/** Bounds of the gRPC edge: what one connection, one stream and one frame may hold of this process. */
const kib = 1024
const mib = 1024 * kib

/** Longest message that any node may be set up to take: the largest batch allowed, and its envelope. */
export const frameBytesMax = 64 * mib + 64 * kib

/** Longest frame a listener takes: its largest batch or an ordinary frame of 1 MiB, and the envelope. */
export function receiveBytesMax(messageBytesMax: number): number {
  return Math.max(messageBytesMax, mib) + 64 * kib
}

/** Requests in the hands of the handler, per stream; over it the stream is not read. */
export const streamRequestCountMax = 256

/** Their bytes, per stream; over it the stream is not read. */
export const streamRequestBytesMax = 8 * mib

/** Answers not yet taken by the socket, per stream; over it no further request is read. */
export const streamUnsentBytesMax = 8 * mib

/** Frames arriving, requests, unsent answers and answers expected, per connection; over it none of its streams is read. */
export const connectionBytesMax = 32 * mib

/** How long a frame may rest half-arrived while others wait for room, in ms; then its stream ends. */
export const frameStallMsMax = 10_000

/** What the answer to a request may take: fetches say it, within what brokers give at once. */
export function answerBytesOf(request: object): number {
  const { bytesMax } = request as { readonly bytesMax?: unknown }
  return typeof bytesMax === 'number' ? Math.min(bytesMax, mib) : 0
}

/** Requests not yet taken by the socket, per stream of a caller; over it they are refused as `overloaded`. */
export const callerUnsentBytesMax = 32 * mib

/** Requests without an answer, per stream of a caller; over it they are refused as `overloaded`. */
export const callerRequestCountMax = 4096

/** HTTP/2 streams per connection. */
export const connectionStreamCountMax = 128

/** Connections per listener. */
export const connectionCountMax = 10_000

/** A connection that has not spoken HTTP/2 by then is closed, in ms. */
export const handshakeMsMax = 10_000

/** A connection without streams is closed after it, in ms. */
export const connectionIdleMsMax = 600_000

/** A silent connection is pinged after it, and closed when it is silent for as long again, in ms. */
export const connectionPingMs = 30_000

/** Wait of a request that names no time-out, in ms. */
export const defaultTimeoutMs = 30_000
