/**
 * The metadata tree of a running cluster, from what its brokers answer: the same paths as the tree of
 * an image (`core/metadata/describe`), and the quorum besides.
 */
import { type ConfigEntry } from '../../core/api/cluster-admin.ts'
import { type MetadataResponse, type TopicDescription } from '../../core/api/metadata.ts'
import { type DescribeQuorumResponse } from '../../core/api/quorum.ts'
import { type MetadataNode } from '../../core/metadata/describe.ts'

/** What was answered. */
export interface ClusterAnswers {
  readonly metadata: MetadataResponse
  readonly quorum: DescribeQuorumResponse
  /** Settings that somebody set, by `topic/NAME`, `broker/ID`, `cluster`. */
  readonly configs: ReadonlyMap<string, readonly ConfigEntry[]>
}

/** The whole tree. */
export function liveTree({ metadata, quorum, configs }: ClusterAnswers): MetadataNode {
  const { brokers, topics } = metadata
  const settings = (type: string): readonly MetadataNode[] =>
    [...configs]
      .filter(([resource]) => resource.startsWith(`${type}/`))
      .map(([resource, entries]) => leaf(resource.slice(type.length + 1), valuesOf(entries)))
  return folder('', [
    leaf('cluster', {
      clusterId: metadata.clusterId,
      controllerId: metadata.controllerId,
      metadataOffset: metadata.metadataOffset,
      brokerCount: brokers.length,
      topicCount: topics.length,
      partitionCount: topics.reduce((sum, topic) => sum + topic.partitions.length, 0),
    }),
    folder(
      'brokers',
      brokers.map((broker) => leaf(String(broker.id), { ...broker })),
    ),
    folder('topics', [...topics].sort((a, b) => (a.name < b.name ? -1 : 1)).map(topicNode)),
    folder('configs', [
      leaf('cluster', valuesOf(configs.get('cluster') ?? [])),
      folder('broker', settings('broker')),
      folder('topic', settings('topic')),
    ]),
    {
      ...folder('quorum', [
        folder(
          'voters',
          quorum.voters.map((voter) => leaf(String(voter.nodeId), { ...voter })),
        ),
        folder(
          'observers',
          quorum.observers.map((observer) => leaf(String(observer.nodeId), { ...observer })),
        ),
      ]),
      value: {
        leaderId: quorum.leaderId,
        epoch: quorum.epoch,
        highWatermark: quorum.highWatermark,
      },
    },
  ])
}

function topicNode({ name, id, partitions }: TopicDescription): MetadataNode {
  const below = folder(
    'partitions',
    partitions.map((partition) => leaf(String(partition.partition), { ...partition })),
  )
  return { name, value: { id, partitionCount: partitions.length }, children: () => [below] }
}

function valuesOf(entries: readonly ConfigEntry[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(entries.map(({ key, value }) => [key, value]))
}

function leaf(name: string, value: Readonly<Record<string, unknown>>): MetadataNode {
  return { name, value, children: () => [] }
}

function folder(name: string, children: readonly MetadataNode[]): MetadataNode {
  return { name, children: () => children }
}
