/** A topic by name with the types of its keys and values: what producers and consumers are given. */
import { serde, type Serde } from './serde.ts'

/** Made by `client.topic`. Holds no state and no connection; the topic need not exist yet. */
export interface TopicHandle<K, V> {
  readonly name: string
  readonly key: Serde<K>
  readonly value: Serde<V>
}

/** A topic whose keys and values are plain bytes; a null value reads as undefined. */
export type BytesTopic = TopicHandle<Uint8Array, Uint8Array | undefined>

/** How a topic's keys and values are written; an absent one is plain bytes. */
export interface TopicSerdes<K, V> {
  readonly key?: Serde<K>
  readonly value?: Serde<V>
}

const nullableBytes = serde.nullable(serde.bytes)

/** A handle for plain bytes. */
export function bytesTopic(name: string): BytesTopic {
  return { name, key: serde.bytes, value: nullableBytes }
}

/** The handle itself; a bare name stands for plain bytes, which the caller's types then have to say. */
export function handleOf<K, V>(topic: TopicHandle<K, V> | string): TopicHandle<K, V> {
  if (typeof topic !== 'string') return topic
  const plain: unknown = bytesTopic(topic)
  return plain as TopicHandle<K, V>
}

/** Handles by topic name. */
export type Handles<K, V> = ReadonlyMap<string, TopicHandle<K, V>>

/** The handles of one or several topics, given by handle or by name. */
export function handlesOf<K, V>(
  topics: TopicHandle<K, V> | string | readonly (TopicHandle<K, V> | string)[],
): Handles<K, V> {
  const list = isList(topics) ? topics : [topics]
  return new Map(
    list.map((topic) => [typeof topic === 'string' ? topic : topic.name, handleOf(topic)]),
  )
}

function isList<K, V>(
  topics: TopicHandle<K, V> | string | readonly (TopicHandle<K, V> | string)[],
): topics is readonly (TopicHandle<K, V> | string)[] {
  return Array.isArray(topics)
}
