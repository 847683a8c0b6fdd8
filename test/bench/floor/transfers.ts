/**
 * Bare transfers as the data path does them, without the data path: frames of 1 MiB from this process
 * to one or three server processes on loopback, written to files there and handed to the other two.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stopChild } from '../child.ts'
import { remember } from '../leftovers.ts'
import { type ByteConnection, connectBytes, FrameCaller } from './bare-grpc.ts'
import { type FloorOrders } from './orders.ts'

/** What is transferred how. */
export interface Transfer {
  readonly nodeCount: 1 | 3
  /** `none`: nothing is written. */
  readonly file: 'none' | 'interval' | 'ack'
  readonly direction: 'put' | 'get'
}

/** The bare transfers, by what they stand for. */
export const transfers = {
  'grpc-js, one node, nothing written': { nodeCount: 1, file: 'none', direction: 'put' },
  'grpc-js and files, one node, page cache': { nodeCount: 1, file: 'interval', direction: 'put' },
  'grpc-js and files, one node, fsync': { nodeCount: 1, file: 'ack', direction: 'put' },
  'grpc-js and files, one node, reading': { nodeCount: 1, file: 'interval', direction: 'get' },
  'grpc-js and files, three nodes, page cache': {
    nodeCount: 3,
    file: 'interval',
    direction: 'put',
  },
  'grpc-js and files, three nodes, fsync': { nodeCount: 3, file: 'ack', direction: 'put' },
} as const satisfies Readonly<Record<string, Transfer>>

const frameBytes = 1024 * 1024
const framesInFlight = 4
/** Written before it is read; fits any page cache. */
const readBytes = 1024 ** 3
const program = new URL('./server.ts', import.meta.url).pathname

/** MB a second of frames, after a warm-up of a quarter of the time. */
export async function measureTransfer(transfer: Transfer, seconds: number): Promise<number> {
  const dir = await mkdtemp(join(tmpdir(), 'sluice-bench-floor-'))
  const children: ChildProcess[] = []
  const end = remember(async () => {
    await Promise.all(children.map(async (child) => stopChild(child)))
    await rm(dir, { recursive: true, force: true })
  })
  const connections: ByteConnection[] = []
  try {
    const ports: number[] = []
    for (let node = 0; node < transfer.nodeCount; node++) {
      const orders: FloorOrders = {
        isDurable: transfer.file === 'ack',
        frameBytes,
        fileBytes: readBytes,
        ...(transfer.file !== 'none' && { path: join(dir, String(node)) }),
      }
      const child = fork(program, [JSON.stringify(orders)])
      children.push(child)
      const [port] = (await once(child, 'message')) as [number]
      ports.push(port)
    }
    for (const [index, child] of children.entries()) {
      child.send(ports.filter((_, other) => other !== index))
      await once(child, 'message')
    }
    for (const port of ports) connections.push(await connectBytes(port))
    return await throughput(transfer, connections, seconds)
  } finally {
    for (const connection of connections) connection.close()
    await end()
  }
}

async function throughput(
  { direction }: Transfer,
  connections: readonly ByteConnection[],
  seconds: number,
): Promise<number> {
  const puts = connections.map((connection) => new FrameCaller(connection.put()))
  if (direction === 'put') {
    const frame = Buffer.alloc(frameBytes, 65)
    await repeat(puts, frame, (seconds * 1000) / 4)
    return repeat(puts, frame, seconds * 1000)
  }
  const frame = Buffer.alloc(frameBytes, 65)
  for (let done = 0; done < readBytes; done += frameBytes) await puts[0]?.call(frame)
  const gets = connections.map((connection) => new FrameCaller(connection.get()))
  const ask = Buffer.alloc(1)
  await repeat(gets, ask, (seconds * 1000) / 4)
  return repeat(gets, ask, seconds * 1000)
}

async function repeat(
  callers: readonly FrameCaller[],
  frame: Buffer,
  durationMs: number,
): Promise<number> {
  const startedAtMs = performance.now()
  let count = 0
  const lane = async (caller: FrameCaller): Promise<void> => {
    while (performance.now() - startedAtMs < durationMs) {
      await caller.call(frame)
      count += 1
    }
  }
  const lanes = callers.flatMap((caller) => Array.from({ length: framesInFlight }, () => caller))
  await Promise.all(lanes.map(lane))
  return (count * frameBytes) / 1e3 / (performance.now() - startedAtMs)
}
