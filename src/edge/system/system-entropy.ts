/** The host's chance behind the entropy port. */
import { randomBytes } from 'node:crypto'
import { type Entropy } from '../../engine/ports/entropy.ts'

/** Jitter from `Math.random`, ids from the system's generator. */
export function systemEntropy(): Entropy {
  return {
    random: () => Math.random(),
    uuid: () => randomBytes(16).toString('base64url'),
  }
}
