/** The memory of large frames: fails when a grpc-js breaks `outgoing-frames.ts`. */
import { once } from 'node:events'
import {
  Client,
  credentials,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
} from '@grpc/grpc-js'
import { expect, test } from 'vitest'
import { asBuffer, type WireMessage } from '../../../../src/edge/grpc/codec/wire-bytes.ts'
import { honestWrites, OutgoingFrames } from '../../../../src/edge/grpc/outgoing-frames.ts'

const kib = 1024
const path = '/test.Echo/Echo'
const asIs = (bytes: Buffer): Buffer => bytes

/** Answers each message with its length and whether all its bytes are the same. */
async function echoServer(): Promise<{ readonly port: number; readonly server: Server }> {
  const server = new Server({ 'grpc.max_receive_message_length': -1 })
  const method = {
    path,
    requestStream: true,
    responseStream: true,
    requestSerialize: asIs,
    requestDeserialize: asIs,
    responseSerialize: asIs,
    responseDeserialize: asIs,
  }
  server.addService(
    { Echo: method },
    {
      Echo: (call: ServerDuplexStream<Buffer, Buffer>) => {
        call.on('data', (bytes: Buffer) => {
          const isWhole = bytes.every((byte) => byte === bytes[0])
          call.write(Buffer.from(`${bytes.length} of ${isWhole ? (bytes[0] ?? '?') : 'several'}`))
        })
        call.on('end', () => {
          call.end()
        })
      },
    },
  )
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound)
      else reject(error)
    })
  })
  return { port, server }
}

test('large frames arrive whole and go round in a few slabs, small ones do not take one', async () => {
  const { port, server } = await echoServer()
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), honestWrites)
  const frames = new OutgoingFrames()
  frames.install(client)
  const memory = new Set<ArrayBufferLike>()
  const messageOf = (byte: number, length: number): WireMessage => ({
    length,
    byteLength: length,
    copy: (out, at) => {
      if (length > 64 * kib) memory.add(out.buffer)
      out.fill(byte, at, at + length)
    },
  })
  const call = client.makeBidiStreamRequest(path, asBuffer, asIs)
  const answers: string[] = []
  const expected: string[] = []
  call.on('data', (bytes: Buffer) => answers.push(bytes.toString()))
  const ended = once(call, 'end')
  for (let index = 0; index < 40; index++) {
    const length = index % 4 === 3 ? 100 : (1024 - index) * kib
    expected.push(`${length} of ${index}`)
    const message = messageOf(index, length)
    const written = new Promise<void>((resolve) => {
      call.write(message, () => {
        frames.release(message)
        resolve()
      })
    })
    if (index % 4 === 3) await written
  }
  call.end()
  await ended
  expect(answers).toEqual(expected)
  expect(memory.size).toBeLessThanOrEqual(4)
  client.close()
  server.forceShutdown()
})
