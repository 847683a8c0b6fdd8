/**
 * An immutable map that shares structure with the one it was made from: a hash trie of 32-way
 * nodes. `set` and `delete` cost a path of a few small arrays, whatever the size. Keys are numbers
 * or strings. The order of `entries` depends on the keys alone, never on the history.
 */

type Key = number | string

interface Leaf<K, V> {
  readonly kind: 'leaf'
  readonly hash: number
  /** More than one only when hashes collide; sorted by key text. */
  readonly pairs: readonly (readonly [K, V])[]
}

interface Branch<K, V> {
  readonly kind: 'branch'
  readonly bitmap: number
  readonly children: readonly (Leaf<K, V> | Branch<K, V>)[]
}

type Node<K, V> = Leaf<K, V> | Branch<K, V>

const bitsPerLevel = 5
const hashBits = 32

/** An immutable map. */
export class PersistentMap<K extends Key, V> {
  readonly #root: Node<K, V> | undefined
  readonly size: number

  private constructor(root: Node<K, V> | undefined, size: number) {
    this.#root = root
    this.size = size
  }

  /** The map without entries. */
  static empty<K extends Key, V>(): PersistentMap<K, V> {
    return new PersistentMap<K, V>(undefined, 0)
  }

  /** The value of a key. */
  get(key: K): V | undefined {
    const hash = hashOf(key)
    let node = this.#root
    for (let shift = 0; node?.kind === 'branch'; shift += bitsPerLevel) {
      const bit = bitFor(hash, shift)
      node = (node.bitmap & bit) === 0 ? undefined : node.children[indexFor(node.bitmap, bit)]
    }
    if (node?.hash !== hash) return undefined
    return node.pairs.find(([candidate]) => candidate === key)?.[1]
  }

  /** True when the key has a value. */
  has(key: K): boolean {
    return this.get(key) !== undefined
  }

  /** The map with this value for the key. */
  set(key: K, value: V): PersistentMap<K, V> {
    const root = insert(this.#root, { key, value, hash: hashOf(key) }, 0)
    return new PersistentMap(root, this.has(key) ? this.size : this.size + 1)
  }

  /** The map without the key. */
  delete(key: K): PersistentMap<K, V> {
    if (this.#root === undefined || !this.has(key)) return this
    return new PersistentMap(
      remove(this.#root, key, { hash: hashOf(key), shift: 0 }),
      this.size - 1,
    )
  }

  /** Every key with its value. */
  *entries(): Generator<readonly [K, V]> {
    if (this.#root !== undefined) yield* walk(this.#root)
  }

  /** Every key. */
  *keys(): Generator<K> {
    for (const [key] of this.entries()) yield key
  }

  /** Every value. */
  *values(): Generator<V> {
    for (const [, value] of this.entries()) yield value
  }
}

function hashOf(key: Key): number {
  const text = String(key)
  let hash = typeof key === 'number' ? 0x811c9dc5 : 0x01000193
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  }
  hash ^= hash >>> 15
  return Math.imul(hash, 0x2c1b3c6d) ^ (hash >>> 12)
}

function bitFor(hash: number, shift: number): number {
  return 1 << ((hash >>> shift) & 31)
}

function indexFor(bitmap: number, bit: number): number {
  let below = bitmap & (bit - 1)
  let count = 0
  while (below !== 0) {
    below &= below - 1
    count++
  }
  return count
}

interface Entry<K, V> {
  readonly key: K
  readonly value: V
  readonly hash: number
}

function insert<K extends Key, V>(
  node: Node<K, V> | undefined,
  entry: Entry<K, V>,
  shift: number,
): Node<K, V> {
  if (node === undefined)
    return { kind: 'leaf', hash: entry.hash, pairs: [[entry.key, entry.value]] }
  if (node.kind === 'leaf') {
    if (node.hash === entry.hash) {
      const others = node.pairs.filter(([key]) => key !== entry.key)
      const pairs = [...others, [entry.key, entry.value] as const]
      pairs.sort(([left], [right]) => (String(left) < String(right) ? -1 : 1))
      return { kind: 'leaf', hash: node.hash, pairs }
    }
    const split: Branch<K, V> = {
      kind: 'branch',
      bitmap: bitFor(node.hash, shift),
      children: [node],
    }
    return shift >= hashBits ? node : insert(split, entry, shift)
  }
  const bit = bitFor(entry.hash, shift)
  const at = indexFor(node.bitmap, bit)
  const children = [...node.children]
  if ((node.bitmap & bit) === 0) children.splice(at, 0, insert<K, V>(undefined, entry, shift))
  else children[at] = insert(node.children[at], entry, shift + bitsPerLevel)
  return { kind: 'branch', bitmap: node.bitmap | bit, children }
}

function remove<K extends Key, V>(
  node: Node<K, V>,
  key: K,
  place: { readonly hash: number; readonly shift: number },
): Node<K, V> | undefined {
  if (node.kind === 'leaf') {
    const pairs = node.pairs.filter(([candidate]) => candidate !== key)
    return pairs.length === 0 ? undefined : { ...node, pairs }
  }
  const bit = bitFor(place.hash, place.shift)
  const at = indexFor(node.bitmap, bit)
  const child = node.children[at]
  if (child === undefined) return node
  const shrunk = remove(child, key, { hash: place.hash, shift: place.shift + bitsPerLevel })
  const children = [...node.children]
  if (shrunk !== undefined) children[at] = shrunk
  else children.splice(at, 1)
  const [only] = children
  if (only === undefined) return undefined
  if (children.length === 1 && only.kind === 'leaf') return only
  return {
    kind: 'branch',
    bitmap: shrunk === undefined ? node.bitmap & ~bit : node.bitmap,
    children,
  }
}

function* walk<K, V>(node: Node<K, V>): Generator<readonly [K, V]> {
  if (node.kind === 'leaf') yield* node.pairs
  else for (const child of node.children) yield* walk(child)
}
