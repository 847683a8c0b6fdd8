/**
 * Memory for large frames on their way to the socket. grpc-js allocates every message anew, and V8
 * collects the whole heap of a process that sends frames of 1 MiB once in 20 MB of them, which was a
 * third to a half of the CPU time of a producer. Here a frame is written into a slab, and the slab is used
 * again when the socket has its bytes.
 *
 * grpc-js 1.14 has no option for it, so this file reaches into the filters of a client, as `window.ts`
 * does into servers; a test fails when a new grpc-js breaks it.
 */
import type { ChannelOptions, Client } from '@grpc/grpc-js'
import { present } from '../../base/assert.ts'
import type { WireMessage } from './codec/wire-bytes.ts'

const kib = 1024
/** A frame of 1 MiB and its envelope. */
const slabBytes = 1024 * kib + 64 * kib
/** Smaller ones come from pages that the allocator has at hand. */
const frameBytesMin = 64 * kib
const freeCountMax = 6
/**
 * Without it grpc-js calls a write done as soon as it has a message of up to 1 MiB in the buffer of its
 * retries, sent or not. Messages over this limit are done when the socket has them: only those use slabs.
 */
export const honestWrites: ChannelOptions = { 'grpc.per_rpc_retry_buffer_size': 32 * kib }
/** What gRPC puts before a message: whether it is compressed, and its length. */
const prefixBytes = 5

interface Sent<M> {
  readonly message: M
  readonly flags?: number
}

/** The parts of a grpc-js client that have no public name; the first filter frames the messages. */
interface FramingFilter {
  sendMessage: (sent: Promise<Sent<WireMessage>>) => Promise<Sent<Buffer | WireMessage>>
}

interface ClientInside {
  readonly internalChannel?: {
    readonly filterStackFactory?: { readonly factories: { createFilter: () => FramingFilter }[] }
  }
}

/** The slabs of one transport. */
export class OutgoingFrames {
  readonly #free: Buffer[] = []
  /** A message that never gets to the socket takes its slab with it. */
  readonly #slabs = new WeakMap<WireMessage, Buffer>()

  /** Makes a client that has sent nothing yet write its large messages into slabs. */
  install(client: Client): void {
    const channel = client.getChannel() as unknown as ClientInside
    const factories = channel.internalChannel?.filterStackFactory?.factories
    const factory = present(factories?.[0], 'grpc-js: the filter that frames messages')
    const createFilter = factory.createFilter.bind(factory)
    factory.createFilter = () => this.#replace(createFilter())
  }

  /** The socket has all bytes of a message, or it was none of these. */
  release(message: WireMessage): void {
    const slab = this.#slabs.get(message)
    if (slab === undefined) return
    this.#slabs.delete(message)
    if (this.#free.length < freeCountMax) this.#free.push(slab)
  }

  #replace(filter: FramingFilter): FramingFilter {
    const sendOther = filter.sendMessage.bind(filter)
    filter.sendMessage = async (sent) => {
      const { message, ...rest } = await sent
      const length = prefixBytes + message.length
      if (length < frameBytesMin || length > slabBytes) return sendOther(sent)
      return { ...rest, message: this.#framed(message) }
    }
    return filter
  }

  #framed(message: WireMessage): Buffer {
    const slab = this.#free.pop() ?? Buffer.allocUnsafeSlow(slabBytes)
    this.#slabs.set(message, slab)
    slab[0] = 0
    slab.writeUInt32BE(message.length, 1)
    message.copy(slab, prefixBytes)
    return slab.subarray(0, prefixBytes + message.length)
  }
}
