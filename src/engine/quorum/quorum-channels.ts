/**
 * The channels of the quorum: one for each address, apart from those that carry records, so that no
 * bulk transfer delays a vote. Turns what the core wants sent into requests, and answers into events.
 */
import { unreachable } from '../../base/assert.ts'
import { type ClusterId } from '../../base/id.ts'
import { protocolVersions } from '../../core/api/hello.ts'
import { type QuorumFetchResponse } from '../../core/api/quorum.ts'
import { type RaftRequest, type RaftResponse } from '../../core/raft/event.ts'
import { type Destination, type RaftSend } from '../../core/raft/ready.ts'
import { TransportFault } from '../ports/fault.ts'
import { type Telemetry } from '../ports/telemetry.ts'
import { type Channel, type Transport } from '../ports/transport.ts'
import { describeFetched } from './fetched-run.ts'

/** What became of a request. */
export type Reception =
  | {
      readonly type: 'answer'
      readonly response: RaftResponse
      readonly pieces: readonly Uint8Array[]
    }
  | { readonly type: 'none'; readonly isRefused: boolean }

interface Address {
  readonly host: string
  readonly port: number
}

/** How the channels are made. */
export interface QuorumChannelsOptions {
  readonly transport: Transport
  readonly telemetry: Telemetry
  readonly clusterId: ClusterId
  readonly clientId: string
  /** `host:port` each: where an observer asks who leads. */
  readonly bootstrapServers: readonly string[]
  readonly requestTimeoutMs: number
}

const nobody: Reception = { type: 'none', isRefused: false }

/** Sends the requests of one quorum node. */
export class QuorumChannels {
  readonly #options: QuorumChannelsOptions
  readonly #bootstrap: readonly Address[]
  readonly #channels = new Map<string, Channel>()
  #nextBootstrap = 0

  constructor(options: QuorumChannelsOptions) {
    this.#options = options
    this.#bootstrap = options.bootstrapServers.flatMap(parseAddress)
  }

  /** The answer to a request, or that there is none. */
  async request(send: RaftSend, signal: AbortSignal): Promise<Reception> {
    const address = this.#addressOf(send.to)
    if (address === undefined) return nobody
    try {
      return await this.#exchange(this.#channelTo(address), send.request, signal)
    } catch (cause) {
      if (!(cause instanceof TransportFault)) throw cause
      return { type: 'none', isRefused: cause.code === 'refused' }
    }
  }

  async close(): Promise<void> {
    const channels = [...this.#channels.values()]
    this.#channels.clear()
    await Promise.all(channels.map(async (channel) => channel.close()))
  }

  async #exchange(channel: Channel, request: RaftRequest, signal: AbortSignal): Promise<Reception> {
    const timeoutMs = this.#options.requestTimeoutMs
    switch (request.api) {
      case 'vote': {
        const { api, ...body } = request
        const outcome = await channel.request(api, body, { timeoutMs, signal })
        return outcome.ok ? answer({ api, ...outcome.value }) : nobody
      }
      case 'begin-quorum-epoch': {
        const { api, ...body } = request
        const outcome = await channel.request(api, body, { timeoutMs, signal })
        return outcome.ok ? answer({ api, ...outcome.value }) : nobody
      }
      case 'end-quorum-epoch': {
        const { api, ...body } = request
        const outcome = await channel.request(api, body, { timeoutMs, signal })
        return outcome.ok ? answer({ api, ...outcome.value }) : nobody
      }
      case 'quorum-fetch': {
        const { api, ...body } = request
        const waitMs = timeoutMs + body.waitMsMax
        const outcome = await channel.request(api, body, { timeoutMs: waitMs, signal })
        return outcome.ok ? this.#fetched(outcome.value) : nobody
      }
      default:
        return unreachable(request)
    }
  }

  #fetched(value: QuorumFetchResponse): Reception {
    const { records, ...rest } = value
    const fetched = describeFetched(records)
    if (typeof fetched === 'string') {
      this.#options.telemetry.log('warn', 'quorum-fetch-damaged', { reason: fetched })
      return nobody
    }
    return {
      type: 'answer',
      response: { api: 'quorum-fetch', ...rest, ...(fetched && { run: fetched.run }) },
      pieces: fetched?.pieces ?? [],
    }
  }

  #addressOf(to: Destination): Address | undefined {
    if (to.type === 'node') return to.endpoint
    const address = this.#bootstrap[this.#nextBootstrap % Math.max(1, this.#bootstrap.length)]
    this.#nextBootstrap += 1
    return address
  }

  #channelTo({ host, port }: Address): Channel {
    const name = `${host}:${port}`
    const open = this.#channels.get(name)
    if (open !== undefined) return open
    const { transport, clusterId, clientId } = this.#options
    const channel = transport.connect({
      host,
      port,
      role: 'broker',
      hello: {
        clusterId,
        protocolMin: protocolVersions.min,
        protocolMax: protocolVersions.max,
        clientId,
        features: [],
      },
    })
    this.#channels.set(name, channel)
    return channel
  }
}

function answer(response: RaftResponse): Reception {
  return { type: 'answer', response, pieces: [] }
}

/** The parts of `host:port`, IPv6 in brackets; nothing for what is no address (the settings are checked before). */
function parseAddress(text: string): readonly Address[] {
  const match = /^\[?([^\]]+?)\]?:(\d+)$/.exec(text.trim())
  const [, host, port] = match ?? []
  return host === undefined ? [] : [{ host, port: Number(port) }]
}
