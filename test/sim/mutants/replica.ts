/** Planted bugs of replication: the cluster simulation must find each. */
import { type Mutant } from './mutant.ts'

const leader = 'src/core/replica/leader.ts'
const isrChange = 'src/core/replica/isr-change.ts'
const fetchCheck = 'src/core/replica/fetch-check.ts'

/** Edits of `core/replica` and `engine/broker`. */
export const replicaMutants: readonly Mutant[] = [
  {
    // With one fetch in flight a follower's fetch offset is durable when it is sent, so that a leader
    // which acknowledges by it is right by luck; one that counts what it sends is not.
    name: 'what was sent to a follower acknowledges, not what is durable there',
    file: 'src/engine/broker/replica-sessions.ts',
    find: 'told.push(news)',
    replacement: `told.push(news)
      hosted?.state.leader()?.followerFetched({
        brokerId: stream.session.replicaId,
        brokerEpoch: stream.session.brokerEpoch,
        durableOffset: hosted.log.endOffset(),
        logStartOffset: hosted.log.startOffset(),
        nowMs: this.#parts.clock.nowMs(),
      })`,
    scenario: 'cluster',
    seedCountMax: 60,
  },
  {
    name: 'acks=all is answered before the high watermark has passed the append',
    file: 'src/core/replica/delayed.ts',
    find: 'const isDone = partition.highWatermark() >= parked.endOffset',
    replacement: 'const isDone = partition.highWatermark() >= 0',
    scenario: 'cluster',
    seedCountMax: 60,
  },
  {
    name: 'the high watermark ignores the leader’s own disk',
    file: leader,
    find: 'let durable = this.#log.durableOffset()',
    replacement: 'let durable = this.#log.endOffset()',
    scenario: 'cluster',
    seedCountMax: 60,
  },
  {
    name: 'a follower cuts its log at its high watermark instead of by epoch',
    file: 'src/engine/broker/replica-stream.ts',
    find: 'const end = planTruncation(hosted.log, fetched.diverging)',
    replacement: 'const end = hosted.state.highWatermark()',
    scenario: 'cluster',
    seedCountMax: 60,
  },
  {
    name: 'a follower’s last epoch is not compared with the leader’s history',
    file: fetchCheck,
    find: "return { type: 'diverging', ...agreed }",
    replacement: "return { type: 'serve' }",
    scenario: 'cluster',
    seedCountMax: 60,
  },
  {
    name: 'a replica joins the ISR before it has what is committed',
    file: isrChange,
    find: `    follower.durableOffset >= situation.highWatermark &&
    follower.durableOffset >= situation.epochStartOffset &&
`,
    replacement: '',
    scenario: 'cluster',
    seedCountMax: 60,
  },
  {
    name: 'a member of the ISR that has said nothing in this epoch does not hold the high watermark',
    file: leader,
    find: 'if (acknowledged === undefined) return false',
    replacement: 'if (acknowledged === undefined) continue',
    scenario: 'cluster',
    seedCountMax: 60,
  },
  {
    name: 'clients read up to the leader’s end instead of the high watermark',
    file: 'src/engine/broker/handlers/fetch.ts',
    find: 'upTo: hosted.state.highWatermark(),',
    replacement: 'upTo: hosted.log.endOffset(),',
    scenario: 'cluster',
    seedCountMax: 60,
  },
]
