/** Places in a topic as people name them: partitions, and positions in them. */
import { type StartFrom } from '../../engine/client/consumer.ts'
import { type Client } from '../sdk/client.ts'
import { CommandError } from './failure.ts'
import { wholeNumber } from './shell.ts'

/** The offset that a place means in each partition. */
export async function offsetsOf(
  client: Client,
  topic: string,
  place: StartFrom,
): Promise<readonly number[]> {
  const { admin } = client
  const latest = await admin.listOffsets(topic, { type: 'latest' })
  if (typeof place === 'number') return latest.map(() => place)
  if (place === 'end' || place === 'latest') return latest.map(({ offset }) => offset ?? 0)
  const question =
    typeof place === 'object'
      ? ({ type: 'at-time', ...place } as const)
      : ({ type: 'earliest' } as const)
  const found = await admin.listOffsets(topic, question)
  return found.map(({ offset }, index) => offset ?? latest[index]?.offset ?? 0)
}

/** The partition that was named, which must exist, or all. */
export function partitionsOf(
  text: string | undefined,
  of: { readonly topic: string; readonly count: number },
): readonly number[] {
  if (text === undefined) return Array.from({ length: of.count }, (_, index) => index)
  const partition = wholeNumber(text, { what: '--partition' })
  if (partition < of.count) return [partition]
  throw new CommandError(
    'USAGE',
    `Topic ${of.topic} has partitions 0 to ${of.count - 1}, not ${partition}.`,
  )
}

/** `beginning`, `end`, an offset, or a time. */
export function placeOf(text: string, option: string): StartFrom {
  if (text === 'beginning' || text === 'end') return text
  if (/^\d+$/.test(text)) return wholeNumber(text, { what: option })
  const timestampMs = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : NaN
  if (Number.isFinite(timestampMs)) return { timestampMs }
  throw new CommandError(
    'USAGE',
    `${option} takes beginning, end, an offset or a time such as 2026-11-23T08:00:00Z, not '${text}'.`,
  )
}
