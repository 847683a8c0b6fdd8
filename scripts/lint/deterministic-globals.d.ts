// The only web globals the pure code may see: they depend on their input alone.
declare class TextEncoder {
  encode(input: string): Uint8Array
  encodeInto(input: string, target: Uint8Array): { read: number; written: number }
}
declare class TextDecoder {
  constructor(label?: 'utf-8', options?: { fatal?: boolean })
  decode(input: Uint8Array): string
}
// For engine and sim: cancellation is a value handed in, never a timer.
interface AbortSignal {
  readonly aborted: boolean
  readonly reason: unknown
  addEventListener(type: 'abort', listener: () => void, options?: { once?: boolean }): void
  removeEventListener(type: 'abort', listener: () => void): void
  throwIfAborted(): void
}
declare class AbortController {
  readonly signal: AbortSignal
  abort(reason?: unknown): void
}
// For engine and sim: what `await using` calls.
interface SymbolConstructor {
  readonly asyncDispose: unique symbol
}
