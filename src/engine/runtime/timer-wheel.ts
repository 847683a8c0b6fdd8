/**
 * Deadlines of many short-lived things behind one timer of the clock port. Most of them are
 * cancelled long before they are due, so adding and cancelling cost a set operation each; a deadline
 * fires up to one slot late and never early.
 */
import { Heap } from '../../base/heap.ts'
import { type Clock, type Timer } from '../ports/clock.ts'

/** Something with a deadline; cancelled by its owner when it is over. */
export interface WheelEntry {
  readonly cancel: () => void
}

/** Fires works at their deadlines. */
export class TimerWheel {
  readonly #clock: Clock
  readonly #slotMs: number
  readonly #slots = new Map<number, Set<() => void>>()
  readonly #order = new Heap<number>((left, right) => left < right)
  #armed: { readonly slot: number; readonly timer: Timer } | undefined

  constructor(options: { readonly clock: Clock; readonly slotMs: number }) {
    this.#clock = options.clock
    this.#slotMs = options.slotMs
  }

  /** Runs `work` once at or just after `deadlineAtMs` of the clock, never synchronously. */
  at(deadlineAtMs: number, work: () => void): WheelEntry {
    const slot = Math.ceil(deadlineAtMs / this.#slotMs)
    let works = this.#slots.get(slot)
    if (works === undefined) {
      works = new Set()
      this.#slots.set(slot, works)
      this.#order.push(slot)
    }
    const own = (): void => {
      work()
    }
    works.add(own)
    this.#arm()
    return { cancel: () => works.delete(own) }
  }

  /** Forgets everything; nothing fires any more. */
  close(): void {
    this.#armed?.timer.cancel()
    this.#armed = undefined
    for (const works of this.#slots.values()) works.clear()
  }

  #arm(): void {
    for (let slot = this.#order.peek(); slot !== undefined; slot = this.#order.peek()) {
      if ((this.#slots.get(slot)?.size ?? 0) > 0) break
      this.#order.pop()
      this.#slots.delete(slot)
    }
    const next = this.#order.peek()
    if (next === this.#armed?.slot) return
    this.#armed?.timer.cancel()
    this.#armed = undefined
    if (next === undefined) return
    const delayMs = Math.max(0, next * this.#slotMs - this.#clock.nowMs())
    this.#armed = { slot: next, timer: this.#clock.after(delayMs, () => { this.#fire() }) } // prettier-ignore
  }

  #fire(): void {
    this.#armed = undefined
    const nowMs = this.#clock.nowMs()
    for (let slot = this.#order.peek(); slot !== undefined; slot = this.#order.peek()) {
      if (slot * this.#slotMs > nowMs) break
      this.#order.pop()
      const works = this.#slots.get(slot) ?? new Set()
      this.#slots.delete(slot)
      for (const work of works) work()
    }
    this.#arm()
  }
}
