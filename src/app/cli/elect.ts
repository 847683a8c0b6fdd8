/** `sluice elect preferred`: leadership goes back to the first replica of each partition. */
import { type Command } from 'commander'
import { withClient } from './connect.ts'
import { CommandError } from './failure.ts'
import { Shell, wholeNumber } from './shell.ts'

interface ElectOptions {
  readonly topic?: string
  readonly partition?: string
}

/** Adds the command. */
export function addCommand(program: Command): void {
  const elect = program
    .command('elect')
    .description('Move leadership.')
    .addHelpText(
      'after',
      '\nExamples:\n  sluice elect preferred\n  sluice elect preferred --topic orders --partition 0',
    )
  elect
    .command('preferred')
    .description('let the first replica of each partition lead, where it is in sync')
    .option('--topic <name>', 'only this topic')
    .option('--partition <n>', 'only this partition of it')
    .action(preferred)
}

async function preferred(options: ElectOptions, command: Command): Promise<void> {
  const shell = Shell.of(command)
  const { topic, partition } = options
  const changed = await withClient(shell, async ({ admin }) => {
    if (topic === undefined) return admin.electLeaders()
    const { partitions } = await admin.describeTopic(topic)
    const only =
      partition === undefined ? undefined : wholeNumber(partition, { what: '--partition' })
    const wanted = partitions.filter((one) => only === undefined || one.partition === only)
    if (wanted.length === 0)
      throw new CommandError('FAILED', `Topic ${topic} has no partition ${only ?? ''}.`)
    return admin.electLeaders(wanted.map((one) => ({ topic, partition: one.partition })))
  })
  const done = changed.filter(
    ({ error }) => error === undefined || error.code === 'ELECTION_NOT_NEEDED',
  )
  const failed = changed.filter(
    ({ error }) => error !== undefined && error.code !== 'ELECTION_NOT_NEEDED',
  )
  shell.answer(
    changed.map((one) => ({ ...one, error: one.error ?? null })),
    [
      `${done.length} of ${changed.length} partitions are led by their preferred replica.`,
      ...failed.map((one) => `${one.topic}-${one.partition}: ${one.error?.message ?? ''}`),
    ].join('\n'),
  )
  if (failed.length > 0) process.exitCode = 1
}
