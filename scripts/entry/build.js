// Compiles the package into dist/ (script `prepack`): plain tsc, then the files that are read at run time.
import { spawnSync } from 'node:child_process'
import { cpSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = new URL('../../', import.meta.url)
const path = (name) => fileURLToPath(new URL(name, root))

rmSync(path('dist'), { recursive: true, force: true })
const tsc = spawnSync(
  process.execPath,
  [path('node_modules/typescript/bin/tsc'), '-p', path('scripts/build/tsconfig.json')],
  { stdio: 'inherit' },
)
if (tsc.status !== 0) process.exit(1)
cpSync(path('cluster'), path('dist/cluster'), { recursive: true })
