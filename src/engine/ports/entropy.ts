/** Chance as the engine sees it. */
export interface Entropy {
  /** A number in [0, 1), for jitter and tie-breaks. */
  readonly random: () => number
  /** A fresh 22-character base64url id of 16 random bytes. */
  readonly uuid: () => string
}
