/** `sluice random-uuid`: a fresh id, as a cluster or a directory has one. */
import { type Command } from 'commander'
import { systemEntropy } from '../../edge/system/system-entropy.ts'
import { Shell } from './shell.ts'

/** Adds the command. */
export function addCommand(program: Command): void {
  program
    .command('random-uuid')
    .description('Print a fresh id: 22 characters of base64url.')
    .addHelpText('after', '\nExample:\n  sluice format --cluster-id "$(sluice random-uuid)" …')
    .action((_options: object, command: Command) => {
      const id = systemEntropy().uuid()
      Shell.of(command).answer({ uuid: id }, id)
    })
}
