/**
 * The little language of the conversations with idempotent producers: three replicas of one partition,
 * each with its log and what it remembers. Lines:
 *
 *   init BROKER                          the broker asks the controller for a block of producer ids
 *   send ID EPOCH SEQUENCE COUNT         a run of a producer comes to the leader
 *   fetch REPLICA,…                      these take what they lack of the leader's log
 *   lead REPLICA                         it leads now; the others are cut to what it has
 *   snapshot REPLICA | restart REPLICA   its producers are saved; they come back from that and the log behind it
 *   wait MS | expire MS                  time passes; producers that were idle for so long are forgotten
 *   show REPLICA
 */
import { present } from '../../../src/base/assert.ts'
import { nodeId, offset } from '../../../src/base/id.ts'
import { decodeProducers, encodeProducers } from '../../../src/core/replica/producer-snapshot.ts'
import { ProducerState, type ProducerBatch } from '../../../src/core/replica/producer-state.ts'
import { Clerk } from '../controller/clerk.ts'

interface Replica {
  log: readonly ProducerBatch[]
  producers: ProducerState
  snapshot: { readonly bytes: Uint8Array; readonly end: number } | undefined
}

/** One conversation. */
export class ProducersScript {
  readonly #clerk = new Clerk()
  readonly #replicas = new Map<string, Replica>()
  #leader = '1'
  #nowMs = 0

  constructor() {
    this.#clerk.bringUp(1, 2, 3)
    for (const id of ['1', '2', '3'])
      this.#replicas.set(id, { log: [], producers: newState(), snapshot: undefined })
  }

  /** Plays the lines of one block; comments do nothing. */
  play(block: string): string {
    const lines = block.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'))
    const out = lines.flatMap((line) => this.#line(line.split(/\s+/)))
    return out.length === 0 ? 'nothing' : out.join('\n')
  }

  #line([verb = '', subject = '', ...numbers]: readonly string[]): readonly string[] {
    switch (verb) {
      case 'init':
        return [this.#init(Number(subject))]
      case 'send':
        return [this.#send([subject, ...numbers].map(Number))]
      case 'fetch':
        return subject.split(',').map((id) => this.#fetch(id))
      case 'lead':
        return this.#lead(subject)
      case 'snapshot':
        this.#save(this.#replica(subject))
        return []
      case 'restart':
        return [this.#restart(subject)]
      case 'wait':
        this.#nowMs += Number(subject)
        return []
      case 'expire':
        for (const { producers } of this.#replicas.values())
          producers.expire(this.#nowMs, Number(subject))
        return []
      case 'show':
        return this.#show(subject)
      default:
        throw new Error(`no such line: ${verb}`)
    }
  }

  #init(id: number): string {
    const broker = present(this.#clerk.image().brokers.get(nodeId(id)), 'a broker')
    const request = { brokerId: broker.id, brokerEpoch: broker.epoch }
    const outcome = this.#clerk.ask('allocate-producer-ids', request)
    if (!outcome.ok) return `broker ${id} gets ${outcome.code}`
    const { firstProducerId, producerIdCount } = outcome.value
    return `broker ${id} gets ids ${firstProducerId} to ${firstProducerId + producerIdCount - 1}`
  }

  #send([
    id = 0,
    producerEpoch = 0,
    firstSequence = 0,
    recordCount = 0,
  ]: readonly number[]): string {
    const leader = this.#replica(this.#leader)
    const claim = { producerId: id, producerEpoch, firstSequence, recordCount }
    const verdict = leader.producers.check(claim)
    if (verdict.type === 'refuse') return `${verdict.code}: ${verdict.message}`
    if (verdict.type === 'duplicate') return `there already, at ${verdict.baseOffset}`
    const baseOffset = leader.producers.endOffset()
    this.#append(leader, { ...claim, baseOffset, appendTimeMs: -1 })
    return `appended at ${baseOffset}`
  }

  #fetch(id: string): string {
    const replica = this.#replica(id)
    const missing = this.#replica(this.#leader).log.slice(replica.log.length)
    for (const batch of missing) this.#append(replica, batch)
    return `${id} takes ${missing.length}, ends at ${replica.producers.endOffset()}`
  }

  #lead(id: string): readonly string[] {
    this.#leader = id
    const { log } = this.#replica(id)
    const cut: string[] = []
    for (const [otherId, other] of this.#replicas) {
      if (other.log.length <= log.length) continue
      other.log = log
      cut.push(this.#restart(otherId))
    }
    return cut
  }

  #save(replica: Replica): void {
    const { producers } = replica
    const bytes = encodeProducers(producers, this.#nowMs)
    replica.snapshot = { bytes, end: producers.endOffset() }
  }

  /** As a broker does: the snapshot if it is of this log, then the batches behind it. */
  #restart(id: string): string {
    const replica = this.#replica(id)
    const end = replica.log.reduce((sum, { recordCount }) => sum + recordCount, 0)
    const snapshot = (replica.snapshot?.end ?? 0) > end ? undefined : replica.snapshot
    const at = { endOffset: offset(snapshot?.end ?? 0), nowMs: this.#nowMs }
    replica.producers = (snapshot && decodeProducers(snapshot.bytes, at)) ?? newState()
    const behind = replica.log.filter(({ baseOffset }) => baseOffset >= at.endOffset)
    for (const batch of behind) replica.producers.replay(batch, this.#nowMs)
    return `${id} ends at ${end}, reads from ${at.endOffset}`
  }

  #show(id: string): readonly string[] {
    const entries = this.#replica(id).producers.entries(this.#nowMs)
    if (entries.length === 0) return [`${id} knows nobody`]
    return entries.map(({ producerId, producerEpoch, idleMs, stretches }) => {
      const runs = stretches.map(
        ({ firstSequence, recordCount, baseOffset }) =>
          `${firstSequence}+${recordCount} at ${baseOffset}`,
      )
      return `${id} knows ${producerId} in epoch ${producerEpoch}, idle ${idleMs} ms: ${runs.join(', ')}`
    })
  }

  #append(replica: Replica, batch: ProducerBatch): void {
    replica.log = [...replica.log, batch]
    replica.producers.replay(batch, this.#nowMs)
  }

  #replica(id: string): Replica {
    return present(this.#replicas.get(id), `replica ${id}`)
  }
}

function newState(): ProducerState {
  return new ProducerState(offset(0))
}
