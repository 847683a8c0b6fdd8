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
