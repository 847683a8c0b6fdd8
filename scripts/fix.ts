/** Writes what tools can write by themselves (`npm run fix`): generated types, lint fixes, format. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

const root = new URL('..', import.meta.url).pathname
const commands = [
  ['node_modules/eslint/bin/eslint.js', '-c', 'scripts/lint/eslint.config.js', '--fix'].concat([
    'src',
    'test',
    'scripts',
  ]),
  ['node_modules/prettier/bin/prettier.cjs', '--write', '--log-level=warn', '.'],
]
let status =
  spawnSync('bash', ['scripts/generate-grpc-types'], { cwd: root, stdio: 'inherit' }).status ?? 1
for (const command of commands) {
  const { status: own } = spawnSync(
    process.execPath,
    [join(root, command[0] ?? ''), ...command.slice(1)],
    {
      cwd: root,
      stdio: 'inherit',
    },
  )
  status = Math.max(status, own ?? 1)
}
process.exitCode = status
