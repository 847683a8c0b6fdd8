/** Thrown for everything that the user of a local cluster can put right; the message is one sentence. */
export class LocalClusterError extends Error {
  override readonly name = 'LocalClusterError'
  /** `USAGE`: asked in a way that cannot work; `FAILED`: it did not work. */
  readonly code: 'USAGE' | 'FAILED'

  constructor(code: 'USAGE' | 'FAILED', message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
