/** `sluice start`: one node in this process, until it is told to stop. */
import { type Command } from 'commander'
import { prepareProcess } from '../server/prepare-process.ts'
import { collect, Shell } from './shell.ts'

interface StartOptions {
  readonly config?: string
  readonly set?: readonly string[]
}

/** Adds the command. */
export function addCommand(program: Command): void {
  program
    .command('start')
    .description(
      'Run one node until SIGTERM or Ctrl-C; prints one READY line on stdout, logs on stderr.',
    )
    .option('-c, --config <file>', '.properties or YAML file')
    .option('--set <key=value>', 'a setting; wins over environment and file (repeatable)', collect)
    .addHelpText(
      'after',
      '\nExamples:\n  sluice start --config cluster/three-node/node-1.properties' +
        '\n  SLUICE_LOG_LEVEL=debug sluice start --config node.yaml --set node.id=4',
    )
    .action(async ({ config, set }: StartOptions, command: Command) => {
      const { timeoutMs } = Shell.of(command).options
      prepareProcess()
      const { serve } = await import('../server/serve.ts')
      const { readConfig } = await import('../config/read-config.ts')
      const { settings } = await readConfig({ file: config, set: set ?? [] })
      await serve(settings, timeoutMs)
    })
}
