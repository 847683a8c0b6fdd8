/**
 * The image as a tree for people: what ZooKeeper used to hold, readable.
 *
 *     /cluster                      position of the image and counts
 *     /features                     name: level
 *     /producer-ids                 the first id that is not given away
 *     /brokers/1                    a registration
 *     /topics/NAME                  id and counts
 *     /topics/NAME/partitions/0     a partition's replication state
 *     /configs/topic/NAME           key: value; also /configs/broker/1 and /configs/cluster
 */
import { type MetadataImage, type TopicImage } from './image/image.ts'

/** A place in the tree: a folder with children, a leaf with a value, or both. */
export interface MetadataNode {
  readonly name: string
  /** Plain JSON. */
  readonly value?: Readonly<Record<string, unknown>>
  readonly children: () => readonly MetadataNode[]
}

/** The whole tree. Children are made when they are looked at, so that a large image costs little. */
export function describeImage(image: MetadataImage): MetadataNode {
  return folder('', () => [
    leaf('cluster', describeCluster(image)),
    leaf('features', Object.fromEntries(byName([...image.features.entries()]))),
    leaf('producer-ids', { next: image.nextProducerId }),
    folder('brokers', () =>
      byName([...image.brokers.entries()]).map(([id, broker]) => leaf(`${id}`, { ...broker })),
    ),
    folder('topics', () =>
      byName([...image.topicIds.entries()]).flatMap(([, id]) => {
        const topic = image.topics.get(id)
        return topic === undefined ? [] : [describeTopic(topic)]
      }),
    ),
    describeConfigs(image),
  ])
}

/** The node at a path such as `/topics/orders/partitions/0`; undefined when there is none. */
export function findNode(root: MetadataNode, path: string): MetadataNode | undefined {
  let node: MetadataNode | undefined = root
  for (const name of path.split('/').filter((part) => part !== '')) {
    node = node.children().find((child) => child.name === name)
    if (node === undefined) return undefined
  }
  return node
}

function describeCluster(image: MetadataImage): Readonly<Record<string, unknown>> {
  let partitionCount = 0
  for (const topic of image.topics.values()) partitionCount += topic.partitions.length
  return {
    metadataOffset: image.offset,
    metadataEpoch: image.epoch,
    brokerCount: image.brokers.size,
    topicCount: image.topics.size,
    partitionCount,
  }
}

function describeTopic(topic: TopicImage): MetadataNode {
  const partitions = folder('partitions', () =>
    topic.partitions.map((partition, index) => leaf(`${index}`, { ...partition })),
  )
  const value = { id: topic.id, partitionCount: topic.partitions.length }
  return { name: topic.name, value, children: () => [partitions] }
}

function describeConfigs(image: MetadataImage): MetadataNode {
  const ofType = (type: string): readonly MetadataNode[] =>
    byName([...image.configs.entries()])
      .filter(([resource]) => resource.startsWith(`${type}/`))
      .map(([resource, config]) => leaf(resource.slice(type.length + 1), config))
  return folder('configs', () => [
    leaf('cluster', image.configs.get('cluster/') ?? {}),
    folder('broker', () => ofType('broker')),
    folder('topic', () => ofType('topic')),
  ])
}

function leaf(name: string, value: Readonly<Record<string, unknown>>): MetadataNode {
  return { name, value, children: () => [] }
}

function folder(name: string, children: () => readonly MetadataNode[]): MetadataNode {
  return { name, children }
}

// Numbers in their own order, names in that of their characters.
function byName<K extends string | number, V>(
  entries: readonly (readonly [K, V])[],
): readonly (readonly [K, V])[] {
  return entries.toSorted(([left], [right]) => (left < right ? -1 : 1))
}
