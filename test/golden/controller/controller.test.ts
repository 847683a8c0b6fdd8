/** Conversations with the controller: commands in, records and answers out. `REWRITE=1` rewrites them. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { epoch, offset, partitionIndex, topicId } from '../../../src/base/id.ts'
import { type UncleanLog } from '../../../src/core/api/register-broker.ts'
import { type Outcome } from '../../../src/core/api/error-code.ts'
import { Clerk } from './clerk.ts'
import { printPartition, printRecord } from './print.ts'

const folder = new URL('.', import.meta.url)

function play(script: string): string {
  const clerk = new Clerk()
  const blocks = script.split(/\n\n+/).filter((block) => block.trim() !== '')
  const played = blocks.map((block) => {
    const [head = ''] = block.split('\n----')
    const commands = head.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
    const lines = commands.flatMap((command) => run(clerk, command))
    return `${head.trimEnd()}\n----\n${lines.length === 0 ? 'nothing' : lines.join('\n')}\n`
  })
  return played.join('\n')
}

function run(clerk: Clerk, command: string): readonly string[] {
  const [verb = '', subject = '', ...words] = command.split(' ')
  const options = new Map(words.map((word) => word.split('=') as [string, string | undefined]))
  if (verb === 'show') return [show(clerk, subject)]
  const outcome = perform(clerk, { verb, subject, options })
  const records = clerk.records().map((record) => printRecord(clerk.image(), record))
  return [...records, ...printOutcome(outcome)]
}

interface Command {
  readonly verb: string
  readonly subject: string
  readonly options: ReadonlyMap<string, string | undefined>
}

function perform(clerk: Clerk, { verb, subject, options }: Command): Outcome<unknown> {
  const id = Number(subject)
  const [topic = '', partition = '0'] = subject.split('-')
  switch (verb) {
    case 'register': {
      const directories = options.get('directories')?.split(',')
      return clerk.register(id, {
        ...(directories !== undefined && { directories }),
        hasUnopenedDirectory: options.has('unopened'),
        ...textOption(options, 'rack'),
        uncleanLogs: uncleanLogs(clerk, options.get('unclean')),
      })
    }
    case 'heartbeat':
      return clerk.heartbeat(id, {
        fence: options.has('wants-fence'),
        shutdown: options.has('wants-shutdown'),
        ...(options.has('behind') && { applied: offset(0) }),
        offline: options.get('offline')?.split(',') ?? [],
      })
    case 'fence':
      return clerk.fence(id)
    case 'up':
      clerk.bringUp(...subject.split(',').map(Number))
      return { ok: true, value: undefined }
    case 'create': {
      const { replicas, ...configs } = Object.fromEntries(options)
      const assignments = replicas?.split('/').map((ids) => ids.split(',').map(Number))
      return clerk.create(topic, {
        ...(assignments !== undefined && { assignments }),
        configs: configs as Readonly<Record<string, string>>,
      })
    }
    case 'alter':
      return clerk.alter(topic, Number(partition), {
        isr: (options.get('isr') ?? '').split(',').map(Number),
      })
    case 'resign':
      return clerk.alter(topic, Number(partition), { resigns: true })
    case 'rebalance':
      return clerk.rebalance()
    case 'configure': {
      const [[key, value] = ['', undefined]] = [...options]
      return clerk.configure({ type: 'topic', name: subject }, key, value)
    }
    default:
      throw new Error(`no such command: ${verb}`)
  }
}

function textOption<K extends string>(
  options: ReadonlyMap<string, string | undefined>,
  key: K,
): Partial<Record<K, string>> {
  const value = options.get(key)
  return value === undefined ? {} : ({ [key]: value } as Partial<Record<K, string>>)
}

// t-0:interval:2:100 = partition, reason, last epoch, end; several with a slash between.
function uncleanLogs(clerk: Clerk, text: string | undefined): readonly UncleanLog[] {
  return (text ?? '')
    .split('/')
    .filter((item) => item !== '')
    .map((item) => {
      const [place = '', reason, lastEpoch, end] = item.split(':')
      const [name = '', partition] = place.split('-')
      return {
        topicId: clerk.image().topicIds.get(name) ?? topicId('A'.repeat(22)),
        partition: partitionIndex(Number(partition)),
        reason: reason === 'corrupt' || reason === 'damaged' ? reason : 'interval',
        lastEpoch: epoch(Number(lastEpoch)),
        endOffset: offset(Number(end)),
      }
    })
}

function show(clerk: Clerk, place: string): string {
  const [topic = '', partition] = place.split('-')
  return printPartition(clerk.partition(topic, Number(partition)))
}

function printOutcome(outcome: Outcome<unknown>): readonly string[] {
  if (!outcome.ok) return [`refused ${outcome.code}: ${outcome.message}`]
  const items = itemsOf(outcome.value)
  if (items === undefined) return []
  return items.flatMap(({ error }) =>
    error === undefined ? [] : [`refused ${error.code}: ${error.message}`],
  )
}

interface Item {
  readonly error?: { readonly code: string; readonly message: string }
}

function itemsOf(value: unknown): readonly Item[] | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  return Object.values(value).find((field): field is readonly Item[] => Array.isArray(field))
}

for (const file of readdirSync(folder).filter((name) => name.endsWith('.txt'))) {
  test(`golden controller/${file}`, () => {
    const path = new URL(file, folder)
    const want = readFileSync(path, 'utf8')
    const got = play(want)
    if (process.env['REWRITE'] === '1') writeFileSync(path, got)
    else expect(got).toBe(want)
  })
}
