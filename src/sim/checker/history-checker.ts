/**
 * Judges a history of sends and reads, event by event, in time proportional to its length:
 *
 * - L1 NoLoss: an acknowledged value is in the final read at exactly its offset.
 * - L2 OneValuePerOffset: no two observations give different values for one offset.
 * - L3 UniqueDense: offsets of a final read grow by one.
 * - L4 NoInvention: every value read was sent, and not by a send that failed.
 * - L5 ProducerOrder: acknowledged values of one producer appear in send order, by first occurrence
 *   (without idempotence a retry may duplicate, and a send of unknown outcome may land late).
 * - L6 NoDuplicate: a value of an idempotent producer is in the final read at most once.
 * - L7 RealTime: a send that began after another ended has the greater offset.
 * - L8 ConsumerMonotone: a consumer skips nothing and repeats nothing.
 * - L9 NoDirtyRead: a consumer gets nothing at or above the high watermark.
 * - L10 StableRead: what was once consumed is in the final read.
 *
 * In a compacted partition L1, L3, L8 and L10 allow for what compaction may take (`CompactionRules`);
 * in return a consumer must have got everything that is left where it has been.
 */
import { CompactionRules } from './compaction-rules.ts'
import {
  type HistoryEvent,
  type KeyedSend,
  type PartitionName,
  type SeenRecord,
  type Violation,
} from './history.ts'

interface Send {
  readonly producer: string
  readonly partition: PartitionName
  readonly order: number
  readonly isIdempotent: boolean
  readonly keyed: KeyedSend | undefined
  /** The greatest offset acknowledged in the partition when this send began; -1 when none. */
  readonly floorOffset: number
  outcome: 'open' | 'ok' | 'fail' | 'info'
  offset: number
}

interface PartitionFacts {
  readonly values: Map<number, string>
  readonly consumed: Set<number>
  acknowledgedOffset: number
  isRead: boolean
  isCompacted: boolean
}

type EventOf<T extends HistoryEvent['type']> = Extract<HistoryEvent, { readonly type: T }>

/** How many violations it keeps; the rest would say the same. */
const violationCountMax = 20

/** One history under judgement. */
export class HistoryChecker {
  readonly #sends = new Map<string, Send>()
  readonly #partitions = new Map<PartitionName, PartitionFacts>()
  readonly #positions = new Map<string, number>()
  readonly #violations: Violation[] = []
  #okCount = 0
  #infoCount = 0
  #failCount = 0
  #readCount = 0
  readonly #tombstonesStay: boolean

  /** `tombstonesStay`: compaction takes none before the history ends. */
  constructor(options: { readonly tombstonesStay: boolean } = { tombstonesStay: true }) {
    this.#tombstonesStay = options.tombstonesStay
  }

  /** What was found wrong so far. */
  violations(): readonly Violation[] {
    return this.#violations
  }

  /** How much was judged: sends by outcome, and records read. */
  counts(): {
    readonly ok: number
    readonly info: number
    readonly fail: number
    readonly read: number
  } {
    return {
      ok: this.#okCount,
      info: this.#infoCount,
      fail: this.#failCount,
      read: this.#readCount,
    }
  }

  /** Takes the next event. */
  observe(event: HistoryEvent): void {
    switch (event.type) {
      case 'send-invoked':
        this.#invoked(event)
        return
      case 'send-ok':
        this.#ok(event)
        return
      case 'send-fail':
        this.#failCount += 1
        this.#settle(event.value, 'fail')
        return
      case 'send-info':
        this.#infoCount += 1
        this.#settle(event.value, 'info')
        return
      case 'assigned':
        this.#positions.set(`${event.consumer} ${event.partition}`, event.offset)
        return
      case 'polled':
        this.#polled(event)
        return
      case 'final-read':
        this.#finalRead(event)
        return
    }
  }

  /** After the last event: partitions with acknowledged or consumed records must have been read. */
  finish(): readonly Violation[] {
    for (const [partition, facts] of this.#partitions)
      if (!facts.isRead && (facts.acknowledgedOffset >= 0 || facts.consumed.size > 0))
        this.#violated('L1', `${partition} was never read to its end`)
    return this.#violations
  }

  #invoked(event: EventOf<'send-invoked'>): void {
    const { producer, partition, order, isIdempotent, keyed } = event
    if (keyed !== undefined) this.#facts(partition).isCompacted = true
    this.#sends.set(event.value, {
      producer,
      partition,
      order,
      isIdempotent,
      keyed,
      floorOffset: this.#facts(partition).acknowledgedOffset,
      outcome: 'open',
      offset: -1,
    })
  }

  #ok(event: EventOf<'send-ok'>): void {
    const send = this.#settle(event.value, 'ok')
    this.#okCount += 1
    if (send === undefined) return
    send.offset = event.offset
    const facts = this.#facts(send.partition)
    if (event.offset <= send.floorOffset)
      this.#violated(
        'L7',
        `${event.value} at ${send.partition}@${event.offset} began after @${send.floorOffset} was acknowledged`,
      )
    facts.acknowledgedOffset = Math.max(facts.acknowledgedOffset, event.offset)
    this.#see(send.partition, { offset: event.offset, value: event.value })
  }

  #settle(value: string, outcome: Send['outcome']): Send | undefined {
    const send = this.#sends.get(value)
    if (send !== undefined) send.outcome = outcome
    return send
  }

  #polled(event: EventOf<'polled'>): void {
    const key = `${event.consumer} ${event.partition}`
    const facts = this.#facts(event.partition)
    for (const record of event.records) {
      const expected = this.#positions.get(key)
      const isNext = facts.isCompacted
        ? record.offset >= (expected ?? 0)
        : record.offset === (expected ?? record.offset)
      if (!isNext)
        this.#violated('L8', `${key} got @${record.offset} where @${expected ?? 0} was next`)
      this.#positions.set(key, record.offset + 1)
      if (event.highWatermark !== undefined && record.offset >= event.highWatermark)
        this.#violated('L9', `${key} got @${record.offset}, high watermark ${event.highWatermark}`)
      this.#read(event.partition, record)
      facts.consumed.add(record.offset)
    }
  }

  #finalRead(event: EventOf<'final-read'>): void {
    const { partition, records, logStartOffset } = event
    const facts = this.#facts(partition)
    facts.isRead = true
    let expected = logStartOffset
    for (const record of records) {
      if (facts.isCompacted ? record.offset < expected : record.offset !== expected)
        this.#violated('L3', `${partition} has @${record.offset} where @${expected} was next`)
      expected = record.offset + 1
      this.#read(partition, record)
    }
    const present = new Map(records.map((record) => [record.offset, record.value]))
    const rules = this.#compactionRules(event)
    this.#checkLoss(event, present, rules)
    this.#checkOrder(event)
    this.#checkDuplicates(event)
    for (const offset of facts.consumed) {
      if (offset < logStartOffset || present.has(offset)) continue
      if (rules.mayBeGone(this.#sends.get(facts.values.get(offset) ?? ''), offset)) continue
      this.#violated('L10', `${partition}@${offset} was consumed and is gone`)
    }
    if (!facts.isCompacted) return
    const consumedTo = Math.max(...facts.consumed, -1)
    for (const { offset } of records)
      if (offset < consumedTo && !facts.consumed.has(offset))
        this.#violated('L8', `${partition}@${offset} was passed over by who read to @${consumedTo}`)
  }

  #compactionRules({ partition, records }: EventOf<'final-read'>): CompactionRules {
    const sends = [...this.#sends].filter(([, send]) => send.partition === partition)
    return new CompactionRules(records, new Map(sends), this.#tombstonesStay)
  }

  #checkLoss(
    event: EventOf<'final-read'>,
    present: ReadonlyMap<number, string>,
    rules: CompactionRules,
  ): void {
    for (const [value, send] of this.#sends) {
      if (send.partition !== event.partition || send.outcome !== 'ok') continue
      if (send.offset < event.logStartOffset || present.get(send.offset) === value) continue
      if (!present.has(send.offset) && rules.mayBeGone(send, send.offset)) continue
      const found = present.get(send.offset) ?? 'nothing'
      this.#violated(
        'L1',
        `${value} was acknowledged at ${event.partition}@${send.offset}, where ${found} is`,
      )
    }
  }

  #checkDuplicates({ partition, records }: EventOf<'final-read'>): void {
    const offsets = new Map<string, number>()
    for (const { offset, value } of records) {
      const before = offsets.get(value)
      if (before === undefined) offsets.set(value, offset)
      else if (this.#sends.get(value)?.isIdempotent === true)
        this.#violated('L6', `${partition} has ${value} at @${before} and at @${offset}`)
    }
  }

  #checkOrder(event: EventOf<'final-read'>): void {
    // Of a duplicate that was sent twice, compaction may have taken the first.
    const { isCompacted } = this.#facts(event.partition)
    const seen = new Set<string>()
    const latest = new Map<string, number>()
    for (const { value } of event.records) {
      const send = this.#sends.get(value)
      if (send?.outcome !== 'ok' || seen.has(value)) continue
      if (isCompacted && !send.isIdempotent) continue
      seen.add(value)
      const before = latest.get(send.producer) ?? -1
      if (send.order < before)
        this.#violated(
          'L5',
          `${event.partition}: ${value}, send ${send.order} of ${send.producer}, follows its send ${before}`,
        )
      latest.set(send.producer, Math.max(before, send.order))
    }
  }

  #read(partition: PartitionName, record: SeenRecord): void {
    this.#readCount += 1
    const send = this.#sends.get(record.value)
    const where = `${partition}@${record.offset}`
    if (send === undefined) this.#violated('L4', `${where} holds ${record.value}: nobody sent it`)
    else if (send.outcome === 'fail')
      this.#violated('L4', `${where} holds ${record.value}, whose send failed for certain`)
    else if (send.partition !== partition)
      this.#violated('L4', `${where} holds ${record.value}, sent to ${send.partition}`)
    this.#see(partition, record)
  }

  #see(partition: PartitionName, record: SeenRecord): void {
    const { values } = this.#facts(partition)
    const before = values.get(record.offset)
    if (before === undefined) values.set(record.offset, record.value)
    else if (before !== record.value)
      this.#violated('L2', `${partition}@${record.offset} was ${before} and is ${record.value}`)
  }

  #facts(partition: PartitionName): PartitionFacts {
    let facts = this.#partitions.get(partition)
    if (facts === undefined) {
      facts = {
        ...{ values: new Map(), consumed: new Set() },
        ...{ acknowledgedOffset: -1, isRead: false, isCompacted: false },
      }
      this.#partitions.set(partition, facts)
    }
    return facts
  }

  #violated(rule: string, message: string): void {
    if (this.#violations.length < violationCountMax) this.#violations.push({ rule, message })
  }
}
