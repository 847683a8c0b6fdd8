/** A binary min-heap over a caller's order; equal items leave in no fixed order. */
export class Heap<T> {
  readonly #items: T[] = []
  readonly #isBefore: (left: T, right: T) => boolean

  constructor(isBefore: (left: T, right: T) => boolean) {
    this.#isBefore = isBefore
  }

  /** How many items it holds. */
  get size(): number {
    return this.#items.length
  }

  /** The first item, left in place. */
  peek(): T | undefined {
    return this.#items[0]
  }

  /** Adds an item. */
  push(item: T): void {
    const items = this.#items
    let at = items.length
    items.push(item)
    while (at > 0) {
      const parentAt = (at - 1) >> 1
      const parent = items[parentAt]
      if (parent === undefined || !this.#isBefore(item, parent)) break
      items[at] = parent
      at = parentAt
    }
    items[at] = item
  }

  /** Takes the first item out. */
  pop(): T | undefined {
    const items = this.#items
    const first = items[0]
    const last = items.pop()
    if (last === undefined || items.length === 0) return first
    let at = 0
    for (;;) {
      let childAt = at * 2 + 1
      let child = items[childAt]
      if (child === undefined) break
      const right = items[childAt + 1]
      if (right !== undefined && this.#isBefore(right, child)) {
        childAt += 1
        child = right
      }
      if (!this.#isBefore(child, last)) break
      items[at] = child
      at = childAt
    }
    items[at] = last
    return first
  }
}
