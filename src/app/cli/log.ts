/** `sluice log …`: looks into log directories, also beside a running node. */
import { type Command } from 'commander'
import { Shell } from './shell.ts'

/** Adds the command. */
export function addCommand(program: Command): void {
  const log = program
    .command('log')
    .description('Look into log directories.')
    .addHelpText('after', '\nExample:\n  sluice log dump .sluice/cluster/node-1/data --json')
  log
    .command('dump <path>')
    .description('the rows of the segment table: logs, tails, segments, extents; works on a copy')
    .action(async (path: string, _: object, command: Command) => {
      const { dumpLogDirectory } = await import('../inspect/dump-log-directory.ts')
      const shell = Shell.of(command)
      for (const { row, ...fields } of await dumpLogDirectory(path)) {
        const text = Object.entries(fields).map(([key, value]) => `${key}=${JSON.stringify(value)}`)
        shell.answer({ row, ...fields }, `${row.padEnd(10)} ${text.join(' ')}`)
      }
    })
}
