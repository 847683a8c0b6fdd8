/** Waiting until a topic is known to the client. */
import { isRetriable } from '../../core/api/error-code.ts'
import { type TopicDescription } from '../../core/api/metadata.ts'
import { sleep } from '../runtime/sleep.ts'
import { type ClusterView } from './cluster-view.ts'
import { SluiceError } from './errors.ts'
import { type Deadline } from './waiting.ts'

/** How long a topic may be unknown: it may have been created a moment ago, and brokers learn of it one by one. */
const unknownTopicMs = 3000
const unknownTopicPauseMs = 50

/** The topic as it is now, which the caller `use`s, with at least one partition. Rejects with the code of whoever refused. */
export async function awaitTopic(
  cluster: ClusterView,
  name: string,
  deadline: Deadline,
): Promise<TopicDescription> {
  const { clock } = cluster.ports
  let missingUntilMs = Infinity
  for (;;) {
    await cluster.refreshUntilReached(deadline)
    const topic = cluster.cache.topic(name)
    if (topic?.id !== undefined && topic.partitions.length > 0) return topic
    if (topic?.error !== undefined) {
      if (missingUntilMs === Infinity) missingUntilMs = clock.nowMs() + unknownTopicMs
      if (!isRetriable(topic.error.code) || clock.nowMs() >= missingUntilMs) {
        throw new SluiceError(topic.error.code, topic.error.message)
      }
    }
    await sleep(clock, unknownTopicPauseMs, deadline.signal)
  }
}
