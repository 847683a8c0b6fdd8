/** Planted bugs of idempotence: the cluster simulation must see a duplicate, a loss or a wrong order. */
import { type Mutant } from './mutant.ts'

const state = 'src/core/replica/producer-state.ts'
const producers = 'src/engine/broker/partition-producers.ts'
const found = { scenario: 'cluster', seedCountMax: 120 } as const

/** On the broker and in the SDK. */
export const idempotenceMutants: readonly Mutant[] = [
  {
    ...found,
    name: 'a follower does not remember the producers of what it appends, so that fail-over loses them',
    file: 'src/engine/broker/hosted-partition.ts',
    find: `    const durable = this.log.appendFetched(bytes)
    this.producers.appended(bytes)`,
    replacement: `    const durable = this.log.appendFetched(bytes)
    const blank = bytes.slice()
    for (let at = 0; at < blank.length; at += 12 + new DataView(blank.buffer).getInt32(at + 8))
      blank.fill(255, at + 43, at + 51)
    this.producers.appended(blank)`,
  },
  {
    ...found,
    name: 'what a producer sends again is appended again',
    file: 'src/engine/broker/handlers/produce.ts',
    find: `if (verdict.type === 'accept') return 'new'`,
    replacement: `if (verdict.type !== 'refuse') return 'new'`,
  },
  {
    ...found,
    name: 'a new epoch of a producer is taken for its old one',
    file: state,
    find: 'if (claim.producerEpoch > known.epoch)',
    replacement: 'if (claim.producerEpoch > known.epoch + 99)',
  },
  {
    ...found,
    name: 'sequences are not compared: whatever is no duplicate is next',
    file: state,
    find: '?? outOfOrder(claim, next)',
    replacement: `?? { type: 'accept' }`,
  },
  {
    ...found,
    name: 'the producers of what was cut off stay remembered',
    file: producers,
    find: `    this.#generation += 1
    this.#state = undefined`,
    replacement: '    this.#state?.skipTo(this.#log.endOffset())',
  },
  {
    ...found,
    name: 'the producers of a log are not looked for when it is opened',
    file: producers,
    find: '      const state = this.#newestState()\n',
    replacement: '      const state = new ProducerState(this.#log.endOffset(), true)\n',
  },
]
