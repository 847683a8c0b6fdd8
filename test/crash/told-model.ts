/**
 * A log's model on both sides of the pipe: in the worker each call is told before it is made, in the
 * driver what was told is made again. What the driver has survives the worker.
 */
import { type FlushMode } from '../../src/engine/storage/partition-log.ts'
import { type FoundLog, LogModel } from '../../src/sim/storage/log-model.ts'
import { type ActorModel } from '../../src/sim/storage/storage-actor.ts'
import { type ModelEvent } from './protocol.ts'

/** The worker's side. */
export class ToldModel implements ActorModel {
  readonly index: number
  /** Of this worker alone: its cycle says where epochs go on. */
  epoch = 0
  readonly #inner: LogModel
  readonly #tell: (event: ModelEvent) => void

  constructor(index: number, flush: FlushMode, tell: (event: ModelEvent) => void) {
    this.index = index
    this.#inner = new LogModel(index, flush)
    this.#tell = tell
  }

  /** What the directory has of the log is the truth: the driver has compared it. */
  adopt(found: FoundLog | undefined): void {
    this.#inner.presence = found === undefined ? 'gone' : 'there'
    if (found !== undefined) this.#inner.adopt(found)
  }

  get presence(): LogModel['presence'] {
    return this.#inner.presence
  }

  set presence(presence: LogModel['presence']) {
    this.#do({ type: 'presence', presence })
  }

  get flush(): FlushMode {
    return this.#inner.flush
  }

  set flush(flush: FlushMode) {
    this.#do({ type: 'flush', flush })
  }

  get isModeKnown(): boolean {
    return this.#inner.isModeKnown
  }

  set isModeKnown(isModeKnown: boolean) {
    this.#do({ type: 'known', isModeKnown })
  }

  begin(): void {
    this.#do({ type: 'begin' })
  }

  append(base: number, next: number, bytes: Uint8Array): void {
    this.#do({ type: 'append', base, next, bytes })
  }

  acknowledge(end: number): void {
    this.#do({ type: 'acknowledged', end })
  }

  cut(offset: number): number {
    this.#do({ type: 'cut', offset })
    return this.#inner.end()
  }

  restart(offset: number): void {
    this.#do({ type: 'restart', offset })
  }

  moveStart(offset: number): void {
    this.#do({ type: 'start', offset })
  }

  isAnswered(): void {
    this.#do({ type: 'answered' })
  }

  keepOnlyNewest(): void {
    this.#do({ type: 'newest' })
  }

  bytesFrom(from: number): Uint8Array {
    return this.#inner.bytesFrom(from)
  }

  offsetAt(share: number): number {
    return this.#inner.offsetAt(share)
  }

  #do(event: ModelEvent): void {
    this.#tell(event)
    perform(this.#inner, event)
  }
}

/** Makes what was told. */
export function perform(model: LogModel, event: ModelEvent): void {
  switch (event.type) {
    case 'presence':
      model.presence = event.presence
      break
    case 'flush':
      model.flush = event.flush
      break
    case 'begin':
      model.begin()
      break
    case 'append':
      model.append(event.base, event.next, event.bytes)
      break
    case 'acknowledged':
      model.acknowledge(event.end)
      break
    case 'cut':
      model.cut(event.offset)
      break
    case 'restart':
      model.restart(event.offset)
      break
    case 'start':
      model.moveStart(event.offset)
      break
    case 'known':
      model.isModeKnown = event.isModeKnown
      break
    case 'answered':
      model.isAnswered()
      break
    case 'newest':
      model.keepOnlyNewest()
  }
}
