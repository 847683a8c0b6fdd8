/** Something that is wrong in a log directory. */
export interface Finding {
  readonly what: 'directory' | 'row' | 'log' | 'file' | 'extent' | 'journal'
  readonly name: string
  readonly problem: string
}
