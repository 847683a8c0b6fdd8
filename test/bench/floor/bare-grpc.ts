/** grpc-js with nothing of ours above it but the windows: two streams of plain bytes, no codec, no retries. */
import grpc from '@grpc/grpc-js'
import {
  announceWindows,
  callerWindow,
  http2ServersOf,
  raiseWindow,
} from '../../../src/edge/grpc/window.ts'

/** A stream of frames both ways. */
export type ByteStream = Pick<grpc.ClientDuplexStream<Buffer, Buffer>, 'on' | 'write' | 'end'>

/** A server's answer to a frame; frames of a stream are answered in any order. */
export type AnswerFrame = (frame: Buffer) => Promise<Buffer>

const connectLimitMs = 30_000
const asIs = (bytes: Buffer): Buffer => bytes
const method = (name: string): grpc.MethodDefinition<Buffer, Buffer> => ({
  path: `/floor.Floor/${name}`,
  requestStream: true,
  responseStream: true,
  requestSerialize: asIs,
  requestDeserialize: asIs,
  responseSerialize: asIs,
  responseDeserialize: asIs,
})
const definition = { put: method('Put'), get: method('Get') }
const limits = { 'grpc.max_receive_message_length': -1, 'grpc.max_send_message_length': -1 }

/** Serves both streams on a free port of loopback, which it answers. */
export async function serveBytes(answers: {
  readonly put: AnswerFrame
  readonly get: AnswerFrame
}): Promise<number> {
  const server = new grpc.Server(limits)
  announceWindows(server)
  const serve =
    (answer: AnswerFrame): grpc.handleBidiStreamingCall<Buffer, Buffer> =>
    (stream) => {
      stream.on('data', (frame: Buffer) => {
        answer(frame).then(
          (bytes) => stream.write(bytes),
          (cause: unknown) => stream.destroy(cause instanceof Error ? cause : undefined),
        )
      })
      stream.on('end', () => {
        stream.end()
      })
      stream.on('error', () => undefined) // the other side went away
    }
  server.addService(definition, { put: serve(answers.put), get: serve(answers.get) })
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound)
      else reject(error)
    })
  })
  for (const http2 of http2ServersOf(server)) {
    http2.on('session', (session) => {
      raiseWindow(session, 1)
    })
  }
  return port
}

/** A connection to such a server. */
export interface ByteConnection {
  readonly put: () => ByteStream
  readonly get: () => ByteStream
  readonly close: () => void
}

/** Resolves when it is connected. */
export async function connectBytes(port: number): Promise<ByteConnection> {
  const client = new grpc.Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure(), {
    ...limits,
    ...callerWindow('broker'),
    'grpc.enable_retries': 0,
    'grpc.use_local_subchannel_pool': 1,
  })
  await new Promise<void>((resolve, reject) => {
    client.waitForReady(Date.now() + connectLimitMs, (error) => {
      if (error === undefined) resolve()
      else reject(error)
    })
  })
  const open = ({ path }: grpc.MethodDefinition<Buffer, Buffer>): ByteStream =>
    client.makeBidiStreamRequest(path, asIs, asIs)
  return {
    put: () => open(definition.put),
    get: () => open(definition.get),
    close: () => {
      client.close()
    },
  }
}

/** Sends frames and awaits their answers, which come back in any order but are as many. */
export class FrameCaller {
  readonly #stream: ByteStream
  #failure: Error | undefined
  readonly #waiting: { resolve: () => void; reject: (cause: Error) => void }[] = []

  constructor(stream: ByteStream) {
    this.#stream = stream
    stream.on('data', () => this.#waiting.shift()?.resolve())
    stream.on('error', (cause: Error) => {
      this.#failure = cause
      for (const { reject } of this.#waiting.splice(0)) reject(cause)
    })
  }

  /** Resolves with an answer. */
  async call(frame: Buffer): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject })
      this.#stream.write(frame)
    })
  }
}
