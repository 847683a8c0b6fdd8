/**
 * A server process of the floor: takes frames, writes them to a file, hands them to its peers, and
 * answers when all have them; gives frames out of the file. What a broker moves, and nothing else.
 */
import { prepareProcess } from '../../../src/app/server/prepare-process.ts'
import { type FloorOrders } from './orders.ts'

prepareProcess()
const { connectBytes, FrameCaller, serveBytes } = await import('./bare-grpc.ts')
const { FrameFile } = await import('./frame-file.ts')

const orders = JSON.parse(process.argv[2] ?? '') as FloorOrders // decoder: our parent wrote it
const { path, isDurable, frameBytes, fileBytes } = orders
const file = path === undefined ? undefined : await FrameFile.open(path, isDurable)
const isFollowed = Buffer.from('leader')
const taken = Buffer.alloc(1)
let peers: readonly InstanceType<typeof FrameCaller>[] = []
let readAt = 0

const port = await serveBytes({
  put: async (frame) => {
    const own = file?.append(frame)
    // The first byte says whether this is a client's frame, to be handed on, or a leader's.
    if (frame[0] === isFollowed[0]) await own
    else await Promise.all([own, ...peers.map(async (peer) => peer.call(marked(frame)))])
    return taken
  },
  get: async () => {
    readAt = readAt + 2 * frameBytes > fileBytes ? 0 : readAt + frameBytes
    return file === undefined ? Buffer.alloc(frameBytes) : file.read(readAt, frameBytes)
  },
})

function marked(frame: Buffer): Buffer {
  frame[0] = isFollowed[0] ?? 0
  return frame
}

process.on('message', (ports: readonly number[]) => {
  Promise.all(ports.map(connectBytes)).then(
    (connections) => {
      peers = connections.map((connection) => new FrameCaller(connection.put()))
      process.send?.('ready')
    },
    () => process.exit(1),
  )
})
process.on('disconnect', () => process.exit(0))
process.send?.(port)
