/** This machine, bare: what no broker on it can beat with these parts. Files, TCP, and grpc-js with files. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { FrameFile } from '../floor/frame-file.ts'
import { measureTransfer, transfers } from '../floor/transfers.ts'
import { type Row, type Suite } from '../row.ts'

const frameBytes = 1024 * 1024
const framesInFlight = 4

/** MB a second of each. */
export const floor: Suite = async ({ isQuick }) => {
  const seconds = isQuick ? 1 : 5
  const row = (name: string, value: number): Row => ({
    name: `floor: ${name}`,
    value,
    unit: 'MB/s',
  })
  const rows = [
    row('file, page cache', await writing(false, seconds)),
    row('file, O_DSYNC', await writing(true, seconds)),
    row('TCP', await streaming(seconds)),
  ]
  for (const [name, transfer] of Object.entries(transfers)) {
    rows.push(row(name, await measureTransfer(transfer, seconds)))
  }
  return rows
}

async function writing(isDurable: boolean, seconds: number): Promise<number> {
  const dir = await mkdtemp(join(tmpdir(), 'sluice-bench-floor-'))
  try {
    const file = await FrameFile.open(join(dir, 'file'), isDurable)
    const frame = Buffer.alloc(frameBytes, 65)
    const startedAtMs = performance.now()
    let count = 0
    const lane = async (): Promise<void> => {
      while (performance.now() - startedAtMs < seconds * 1000) {
        await file.append(frame)
        count += 1
      }
    }
    await Promise.all(Array.from({ length: framesInFlight }, lane))
    await file.close()
    return (count * frameBytes) / 1e3 / (performance.now() - startedAtMs)
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

/** One connection, to a reader on a thread of its own. */
async function streaming(seconds: number): Promise<number> {
  const reader = new Worker(readerText, { eval: true })
  const [port] = (await once(reader, 'message')) as [number]
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  const frame = Buffer.alloc(frameBytes, 65)
  const startedAtMs = performance.now()
  let count = 0
  while (performance.now() - startedAtMs < seconds * 1000) {
    if (!socket.write(frame)) await once(socket, 'drain')
    count += 1
  }
  const value = (count * frameBytes) / 1e3 / (performance.now() - startedAtMs)
  socket.destroy()
  await reader.terminate()
  return value
}

const readerText = `
  const { createServer } = require('node:net')
  const { parentPort } = require('node:worker_threads')
  const server = createServer((socket) => socket.resume().on('error', () => undefined))
  server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port))
`
