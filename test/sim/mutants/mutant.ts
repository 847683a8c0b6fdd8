/** A planted bug: an edit of a source file that the simulator must notice. */

/** One edit, applied while the module loads. */
export interface Mutant {
  /** The bug as a sentence. */
  readonly name: string
  /** Path from the root of the project. */
  readonly file: string
  /** Text that stands in the file exactly once. */
  readonly find: string
  readonly replacement: string
  /** Which simulation must find it. */
  readonly scenario: 'raft' | 'storage' | 'cluster'
  /** Seeds within which it must be found, from 1 on. */
  readonly seedCountMax: number
}
