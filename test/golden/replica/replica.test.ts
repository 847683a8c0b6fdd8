/** Conversations between three replicas of one partition: commands in, what happened out. `REWRITE=1` rewrites them. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { Trio, type Replica } from '../../unit/core/replica/trio.ts'

const folder = new URL('.', import.meta.url)

function play(script: string): string {
  const trio = new Trio()
  const blocks = script.split(/\n\n+/).filter((block) => block.trim() !== '')
  const played = blocks.map((block) => {
    const [head = ''] = block.split('\n----')
    const commands = head.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
    const lines = commands.flatMap((command) => run(trio, command))
    return `${head.trimEnd()}\n----\n${lines.length === 0 ? 'nothing' : lines.join('\n')}\n`
  })
  return played.join('\n')
}

function run(trio: Trio, command: string): readonly string[] {
  const [verb = '', who = '', count = '1'] = command.split(' ')
  const ids = who.split(',').map(Number)
  return ids.flatMap((id) => perform(trio, { verb, id, count: Number(count) }))
}

function perform(
  trio: Trio,
  { verb, id, count }: { readonly verb: string; readonly id: number; readonly count: number },
): readonly string[] {
  switch (verb) {
    case 'produce':
      trio.produce(id, count)
      return []
    case 'flush':
      trio.flush(id)
      return []
    case 'fetch':
      return [`${id} ${trio.fetch(id)}`]
    case 'isr':
      return [`${id} ${trio.alterIsr(id)}`]
    case 'crash':
      trio.crash(id)
      return []
    case 'restart':
      trio.restart(id)
      return []
    case 'elect':
      trio.elect(id)
      return []
    case 'image':
      trio.deliver(id)
      return []
    case 'wait':
      trio.nowMs += id
      return []
    case 'show':
      return [show(trio.replica(id))]
    default:
      throw new Error(`no such command: ${verb}`)
  }
}

function show({ id, isUp, log, partition }: Replica): string {
  const leader = partition.leader()
  const following = partition.following()
  const role = leader
    ? `leads epoch ${leader.registration().leaderEpoch}, counts [${leader.maximalIsr().join(',')}]`
    : following
      ? `follows ${following.leaderId} in epoch ${following.leaderEpoch}`
      : 'idle'
  const entries = log
    .epochs()
    .entries()
    .map(({ epoch, startOffset }) => `${epoch}@${startOffset}`)
  const end = `end ${log.endOffset()} durable ${log.durableOffset()} high ${partition.highWatermark()}`
  const epochs = entries.length === 0 ? '-' : entries.join(' ')
  return `${id} ${isUp ? role : 'down'} | ${end} | epochs ${epochs}`
}

for (const file of readdirSync(folder).filter((name) => name.endsWith('.txt'))) {
  test(`golden replica/${file}`, () => {
    const path = new URL(file, folder)
    const want = readFileSync(path, 'utf8')
    const got = play(want)
    if (process.env['REWRITE'] === '1') writeFileSync(path, got)
    else expect(got).toBe(want)
  })
}
