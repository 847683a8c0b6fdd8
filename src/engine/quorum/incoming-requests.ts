/**
 * Requests of other quorum nodes, from their arrival to their answer. The core answers when what the
 * answer depends on is saved; a fetch answer gets its batches here, if this node still leads then.
 */
import { assert } from '../../base/assert.ts'
import { type Epoch } from '../../base/id.ts'
import { type Apis } from '../../core/api/apis.ts'
import { refuse, type Outcome } from '../../core/api/error-code.ts'
import { type RaftRequest } from '../../core/raft/event.ts'
import { type RaftAnswer } from '../../core/raft/ready.ts'
import { type LogQuery, type LogRead } from '../storage/partition-log.ts'

/** Operations of the quorum among its nodes. */
type PeerApi = RaftRequest['api']

/** How each of them is answered. */
export type PeerHandlers = {
  readonly [A in PeerApi]: (request: Apis[A]['request']) => Promise<Outcome<Apis[A]['response']>>
}

type AnswerTo<A extends PeerApi> = Extract<RaftAnswer, { readonly api: A }>

/** What answering needs of the driver. */
export interface IncomingParts {
  readonly step: (requestId: number, request: RaftRequest) => void
  readonly leads: (epoch: Epoch) => boolean
  /** Undefined when the store failed. */
  readonly read: (query: LogQuery) => Promise<LogRead | undefined>
}

const waitingCountMax = 10_000

/** The requests that wait for their answers. */
export class IncomingRequests {
  readonly #parts: IncomingParts
  readonly #waiting = new Map<number, (answer: RaftAnswer | undefined) => void>()
  #nextRequest = 1
  #isClosed = false

  constructor(parts: IncomingParts) {
    this.#parts = parts
  }

  /** One function for each operation. */
  handlers(): PeerHandlers {
    return {
      vote: async (request) =>
        this.#ask('vote', { api: 'vote', ...request }, ({ error, leader, isGranted }) => ({
          ...(error !== undefined && { error }),
          leader,
          isGranted,
        })),
      'begin-quorum-epoch': async (request) => {
        const asked = { api: 'begin-quorum-epoch', ...request } as const
        return this.#ask('begin-quorum-epoch', asked, acknowledgement)
      },
      'end-quorum-epoch': async (request) => {
        const asked = { api: 'end-quorum-epoch', ...request } as const
        return this.#ask('end-quorum-epoch', asked, acknowledgement)
      },
      'quorum-fetch': async (request) => {
        const asked = { api: 'quorum-fetch', ...request } as const
        return this.#ask('quorum-fetch', asked, async (answer) => this.#withRecords(answer))
      },
    }
  }

  /** The core's answer may leave. */
  answer(answer: RaftAnswer): void {
    this.#waiting.get(answer.requestId)?.(answer)
  }

  /** Whoever waits now gets no answer of the core: what it may have been behind has failed. */
  abandon(): void {
    for (const resolve of this.#waiting.values()) resolve(undefined)
  }

  /** Nobody is served any more. */
  close(): void {
    this.#isClosed = true
    this.abandon()
  }

  async #ask<A extends PeerApi, R>(
    api: A,
    request: RaftRequest,
    finish: (answer: AnswerTo<A>) => R | Promise<R>,
  ): Promise<Outcome<R>> {
    const notReady = refuse('NOT_READY', 'This quorum node is stopping.')
    if (this.#isClosed) return notReady
    if (this.#waiting.size >= waitingCountMax) {
      return refuse('THROTTLED', 'Too many requests wait at this quorum node.')
    }
    const requestId = this.#nextRequest++
    const answered = new Promise<RaftAnswer | undefined>((resolve) => {
      this.#waiting.set(requestId, resolve)
    })
    this.#parts.step(requestId, request)
    const answer = await answered
    this.#waiting.delete(requestId)
    if (answer === undefined) return notReady
    assert(isOf(answer, api), `an answer to ${answer.api} for a ${api}`)
    return { ok: true, value: await finish(answer) }
  }

  /** A leader that lost its epoch meanwhile may have another log by now: then it sends none of it. */
  async #withRecords(answer: AnswerTo<'quorum-fetch'>): Promise<Apis['quorum-fetch']['response']> {
    const { read, error, leader, highWatermark, logStartOffset, diverging } = answer
    const place = { highWatermark, logStartOffset }
    if (read === undefined) {
      const found = { ...(error !== undefined && { error }), ...(diverging && { diverging }) }
      return { ...found, leader, ...place, records: [] }
    }
    const { epoch } = leader
    const found = this.#parts.leads(epoch) ? await this.#parts.read(read) : undefined
    if (found !== undefined && this.#parts.leads(epoch)) {
      return { leader, ...place, records: found.slices }
    }
    return { error: 'NOT_LEADER_OR_FOLLOWER', leader: { epoch }, ...place, records: [] }
  }
}

function acknowledgement(
  answer: AnswerTo<'begin-quorum-epoch'> | AnswerTo<'end-quorum-epoch'>,
): Apis['end-quorum-epoch']['response'] {
  const { error, leader } = answer
  return { ...(error !== undefined && { error }), leader }
}

function isOf<A extends PeerApi>(answer: RaftAnswer, api: A): answer is AnswerTo<A> {
  return answer.api === api
}
