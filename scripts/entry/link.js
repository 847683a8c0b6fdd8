// Runs after `npm ci` in a checkout (script `prepare`), never at users of the package. Makes the
// checkout usable without a build step: `npx sluice` finds the command, and `import 'sluice'` the sources.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'

// While a package is made, npm runs `prepare` between the build and the packing: it must stay.
const { npm_command: command, npm_lifecycle_event: event } = process.env
if (event === 'prepare' && (command === 'pack' || command === 'publish')) process.exit(0)

const root = new URL('../../', import.meta.url)
const bin = new URL('node_modules/.bin/', root)

if (existsSync(bin)) {
  const link = new URL('sluice', bin)
  rmSync(link, { force: true })
  symlinkSync('../../scripts/entry/sluice.js', link)
}
const entry = new URL('dist/src/app/sdk/', root)
rmSync(new URL('dist/', root), { recursive: true, force: true })
mkdirSync(entry, { recursive: true })
writeFileSync(new URL('index.js', entry), "export * from '../../../../src/app/sdk/index.ts'\n")
writeFileSync(new URL('index.d.ts', entry), "export * from '../../../../src/app/sdk/index.ts'\n")

// Fills Node's compile cache, so that the first node starts as fast and as small as the second.
const serve = new URL('src/app/server/serve.ts', root)
if (Number(process.versions.node.split('.')[0]) >= 24 && existsSync(serve)) {
  const load = `(await import('node:module')).enableCompileCache(); await import('${serve.href}'); process.exit(0)`
  spawnSync(process.execPath, ['--input-type=module', '--eval', load], { stdio: 'ignore' })
}
