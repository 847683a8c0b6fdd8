/** `sluice config …`: the settings of a node from its sources, and those of a running cluster. */
import { type Command } from 'commander'
import { type ConfigResource } from '../../core/api/cluster-admin.ts'
import { printSettingValue } from '../../core/config/value.ts'
import { pairOf, readConfig } from '../config/read-config.ts'
import { withClient } from './connect.ts'
import { CommandError } from './failure.ts'
import { collect, Shell, wholeNumber } from './shell.ts'

const help = `
Examples:
  sluice config show --source --config cluster/three-node/node-1.properties
  sluice config get topic orders
  sluice config set topic orders segment.bytes=1048576
  sluice config unset broker 2 fetch.max.bytes
  sluice config set cluster min.insync.replicas=2`

/** Adds the command. */
export function addCommand(program: Command): void {
  const config = program
    .command('config')
    .description(
      'Settings: of a node before it starts (show), of a running cluster (get, set, unset).',
    )
    .addHelpText('after', help)
  config
    .command('show')
    .description('every setting that a node would start with')
    .option('-c, --config <file>', '.properties or YAML file')
    .option('--set <key=value>', 'a setting (repeatable)', collect)
    .option('--source', 'where each value came from')
    .action(show)
  config
    .command('get <type> [name] [key]')
    .description('settings in force: topic NAME, broker ID, or cluster')
    .action(get)
  config
    .command('set <type> [words...]')
    .description('topic NAME key=value…, broker ID key=value…, or cluster key=value…')
    .action(set)
  config
    .command('unset <type> [words...]')
    .description('topic NAME key…, broker ID key…, or cluster key…')
    .action(unset)
}

async function show(
  options: { config?: string; set?: readonly string[]; source?: boolean },
  command: Command,
): Promise<void> {
  const { sourced } = await readConfig({ file: options.config, set: options.set ?? [] })
  const withSource = options.source === true
  await Shell.of(command).answerTable(
    sourced.map(({ key, value, source, where }) => ({
      key,
      value,
      ...(withSource && { source, where }),
    })),
    {
      head: withSource ? ['KEY', 'VALUE', 'SOURCE'] : ['KEY', 'VALUE'],
      rows: sourced.map(({ key, value, source, where }) => [
        key,
        printSettingValue(value),
        ...(withSource ? [source === 'file' ? `file ${where}` : source] : []),
      ]),
    },
  )
}

async function get(
  type: string,
  name: string | undefined,
  key: string | undefined,
  ...[, command]: [object, Command]
): Promise<void> {
  const shell = Shell.of(command)
  const { resource, rest } = resourceOf(
    type,
    [name, key].flatMap((word) => word ?? []),
  )
  const entries = await withClient(shell, async (client) => client.admin.describeConfig(resource))
  const wanted = rest[0] === undefined ? entries : entries.filter((entry) => entry.key === rest[0])
  if (wanted.length === 0 && rest[0] !== undefined)
    throw new CommandError(
      'FAILED',
      `There is no setting ${rest[0]} on ${`${type} ${resource.name}`.trim()}.`,
    )
  if (wanted.length === 0) {
    shell.answer([], '')
    return
  }
  await shell.answerTable(wanted, {
    head: ['KEY', 'VALUE', 'SOURCE'],
    rows: wanted.map((entry) => [entry.key, entry.value, entry.source]),
  })
}

async function set(
  type: string,
  words: readonly string[],
  _: object,
  command: Command,
): Promise<void> {
  const { resource, rest } = resourceOf(type, words)
  await alter(resource, Object.fromEntries(rest.map(pairOf)), Shell.of(command))
}

async function unset(
  type: string,
  words: readonly string[],
  _: object,
  command: Command,
): Promise<void> {
  const { resource, rest } = resourceOf(type, words)
  await alter(resource, Object.fromEntries(rest.map((key) => [key, undefined])), Shell.of(command))
}

async function alter(
  resource: ConfigResource,
  changes: Readonly<Record<string, string | undefined>>,
  shell: Shell,
): Promise<void> {
  const count = Object.keys(changes).length
  if (count === 0)
    throw new CommandError(
      'USAGE',
      `Name at least one setting of ${resource.type} ${resource.name}.`,
    )
  await withClient(shell, async (client) => client.admin.alterConfig(resource, changes))
  shell.answer(
    { resource, changed: Object.keys(changes) },
    `${count} changed on ${`${resource.type} ${resource.name}`.trim()}.`,
  )
}

function resourceOf(
  type: string,
  words: readonly string[],
): { readonly resource: ConfigResource; readonly rest: readonly string[] } {
  if (type === 'cluster') return { resource: { type, name: '' }, rest: words }
  const [name, ...rest] = words
  if (type === 'broker' && name !== undefined) wholeNumber(name, { what: 'A broker' })
  if ((type === 'topic' || type === 'broker') && name !== undefined)
    return { resource: { type, name }, rest }
  throw new CommandError(
    'USAGE',
    `Say topic NAME, broker ID or cluster, not '${[type, ...words].join(' ')}'.`,
  )
}
