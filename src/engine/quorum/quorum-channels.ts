/**
 * The channels of the quorum: one for each address, apart from those that carry records, so that no
 * bulk transfer delays a vote. Turns what the core wants sent into requests, and answers into events.
 */
import { unreachable } from '../../base/assert.ts'
import { type ClusterId, type NodeId } from '../../base/id.ts'
import { protocolVersions } from '../../core/api/hello.ts'
import { type QuorumFetchResponse } from '../../core/api/quorum.ts'
import { type RaftRequest, type RaftResponse } from '../../core/raft/event.ts'
import { type Destination, type RaftSend } from '../../core/raft/ready.ts'
import { type Clock } from '../ports/clock.ts'
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
  readonly clock: Clock
  readonly nodeId: NodeId
  /** Whether the voter set names this node and directory. */
  readonly isVoter: () => boolean
  /** Told when the quorum that answers is none that this node can belong to; may be told again. */
  readonly onRefused: (refusal: QuorumRefusal) => void
}

/** Why a quorum wants nothing to do with this node. */
export interface QuorumRefusal {
  readonly code: 'WRONG_CLUSTER_ID' | 'DUPLICATE_NODE_ID'
  /** One sentence for people. */
  readonly message: string
}

/** For so long the quorum may believe that a leader of this id lives, before it is believed: a restarted one is replaced sooner. */
const namesakeMsMax = 5000

const nobody: Reception = { type: 'none', isRefused: false }

/** Sends the requests of one quorum node. */
export class QuorumChannels {
  readonly #options: QuorumChannelsOptions
  readonly #bootstrap: readonly Address[]
  readonly #channels = new Map<string, Channel>()
  /** Addresses whose last request got no answer. */
  readonly #silent = new Set<string>()
  #nextBootstrap = 0
  #namesakeSinceMs: number | undefined

  constructor(options: QuorumChannelsOptions) {
    this.#options = options
    this.#bootstrap = options.bootstrapServers.flatMap(parseAddress)
  }

  /** The answer to a request, or that there is none. */
  async request(send: RaftSend, signal: AbortSignal): Promise<Reception> {
    const address = this.#addressOf(send.to)
    if (address === undefined) return nobody
    try {
      const reception = await this.#exchange(this.#channelTo(address), send.request, signal)
      this.#silent.delete(nameOf(address))
      if (reception.type === 'answer') this.#lookForNamesake(reception.response.leader.leaderId)
      return reception
    } catch (cause) {
      if (!(cause instanceof TransportFault)) throw cause
      if (!signal.aborted) this.#silent.add(nameOf(address))
      if (cause.code === 'rejected')
        this.#options.onRefused({ code: 'WRONG_CLUSTER_ID', message: cause.message })
      return { type: 'none', isRefused: cause.code === 'refused' }
    }
  }

  /** The addresses, `host:port`, whose last request got no answer. */
  silent(): readonly string[] {
    return [...this.#silent]
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

  /** A node of the same id from another directory leads: this one would wait for ever, because it takes the leader for itself. */
  #lookForNamesake(leaderId: NodeId | undefined): void {
    const { clock, nodeId, isVoter, onRefused } = this.#options
    if (leaderId !== nodeId || isVoter()) {
      this.#namesakeSinceMs = undefined
      return
    }
    this.#namesakeSinceMs ??= clock.nowMs()
    if (clock.nowMs() - this.#namesakeSinceMs < namesakeMsMax) return
    const message = `Another node with node.id ${nodeId} leads the quorum: give this node an id of its own.`
    onRefused({ code: 'DUPLICATE_NODE_ID', message })
  }

  #addressOf(to: Destination): Address | undefined {
    if (to.type === 'node') return to.endpoint
    const address = this.#bootstrap[this.#nextBootstrap % Math.max(1, this.#bootstrap.length)]
    this.#nextBootstrap += 1
    return address
  }

  #channelTo(address: Address): Channel {
    const name = nameOf(address)
    const { host, port } = address
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

function nameOf({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
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
