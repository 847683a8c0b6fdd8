/**
 * What a storage worker tells the driver, over a pipe that outlives it: messages are written with a
 * blocking call before the disk is touched, so that whatever reached the disk was told before, and
 * an acknowledgement that was told was given.
 */
import { writeSync } from 'node:fs'
import { type Readable } from 'node:stream'
import v8 from 'node:v8'
import { type DirectoryReport } from '../../src/core/api/register-broker.ts'
import { type FlushMode, type MarkedEnd } from '../../src/engine/storage/partition-log.ts'
import { type FoundLog, type LogModel } from '../../src/sim/storage/log-model.ts'

/** Something that a user of a log asked or was answered. */
export type ModelEvent =
  | { readonly type: 'presence'; readonly presence: LogModel['presence'] }
  | { readonly type: 'flush'; readonly flush: FlushMode }
  | { readonly type: 'begin' | 'answered' | 'newest' }
  | {
      readonly type: 'append'
      readonly base: number
      readonly next: number
      readonly bytes: Uint8Array
    }
  | { readonly type: 'known'; readonly isModeKnown: boolean }
  | { readonly type: 'acknowledged'; readonly end: number }
  | { readonly type: 'cut' | 'restart' | 'start'; readonly offset: number }

/** What a worker says. */
export type Message =
  | {
      readonly type: 'opened'
      readonly report: DirectoryReport
      readonly markedEnd: MarkedEnd | undefined
      /** By the index of the log; absent if the directory has none. */
      readonly logs: readonly (FoundLog | undefined)[]
      readonly lastEpochs: readonly (number | undefined)[]
    }
  | { readonly type: 'event'; readonly log: number; readonly event: ModelEvent }
  | { readonly type: 'did'; readonly what: string }
  | { readonly type: 'violated'; readonly message: string }
  | { readonly type: 'closed' }

/** What a worker is told to begin with, as one line on its standard input; then `go`, later `stop`. */
export interface Begin {
  readonly path: string
  readonly seed: string
  readonly cycle: number
  /** Another one after each power loss. */
  readonly bootId: string
  /** As the driver's models have them: they change with the work. */
  readonly flushes: readonly FlushMode[]
}

const lengthBytes = 4

/** Says something; it is out when this returns. */
export function say(pipe: number, message: Message): void {
  const body = v8.serialize(message)
  const framed = Buffer.alloc(lengthBytes + body.length)
  framed.writeUInt32LE(body.length)
  body.copy(framed, lengthBytes)
  for (let at = 0; at < framed.length;) at += writeSync(pipe, framed, at)
}

/** Hears everything that a worker said, to the last whole message. */
export async function hear(pipe: Readable, receive: (message: Message) => void): Promise<void> {
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of pipe as AsyncIterable<Buffer>) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    let at = 0
    while (at + lengthBytes <= rest.length) {
      const end = at + lengthBytes + rest.readUInt32LE(at)
      if (end > rest.length) break
      receive(v8.deserialize(rest.subarray(at + lengthBytes, end)) as Message)
      at = end
    }
    rest = rest.subarray(at)
  }
}
