/** At most n at once; the rest wait in order of arrival, and beyond a bound are refused. */

/** Thrown by `Gate.run` when the queue is full; nothing was started. */
export class GateFullError extends Error {
  override readonly name = 'GateFullError'
}

/** A bounded semaphore. */
export class Gate {
  readonly #widthMax: number
  readonly #queueCountMax: number
  readonly #queue: (() => void)[] = []
  #active = 0

  constructor(options: { readonly widthMax: number; readonly queueCountMax: number }) {
    this.#widthMax = options.widthMax
    this.#queueCountMax = options.queueCountMax
  }

  /** Runs `work` when there is room; rejects with `GateFullError` when too many wait. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#active >= this.#widthMax) {
      if (this.#queue.length >= this.#queueCountMax) throw new GateFullError('too many waiting')
      await new Promise<void>((resolve) => {
        this.#queue.push(resolve)
      })
    } else {
      this.#active += 1
    }
    try {
      return await work()
    } finally {
      const next = this.#queue.shift()
      if (next === undefined) this.#active -= 1
      else next()
    }
  }
}

/** Maps items with at most `widthMax` at once; the results are in the items' order. */
export async function mapBounded<T, R>(
  widthMax: number,
  items: readonly T[],
  work: (item: T, index: number) => Promise<R>,
): Promise<readonly R[]> {
  const results = new Array<R>(items.length)
  let next = 0
  const lane = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) {
      const item = items[index] as T
      results[index] = await work(item, index)
    }
  }
  await Promise.all(Array.from({ length: Math.min(widthMax, items.length) }, lane))
  return results
}
