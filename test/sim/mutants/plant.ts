/**
 * Loaded with `--import` before a simulation: plants the bug that the environment names into its
 * module's source while the module loads. Exits with status 3 when the edit does not match or its
 * module was never loaded: then the mutant proves nothing.
 */
import { registerHooks } from 'node:module'
import { type Mutant } from './mutant.ts'

const root = new URL('../../../', import.meta.url).href
const planted = process.env['SLUICE_SIM_MUTANT']
if (planted !== undefined) plant(JSON.parse(planted) as Mutant)

function plant(mutant: Mutant): void {
  let isPlanted = false
  registerHooks({
    load: (url, context, next) => {
      const loaded = next(url, context)
      if (url !== root + mutant.file) return loaded
      const source = textOf(loaded.source)
      const count = source.split(mutant.find).length - 1
      if (count !== 1) fail(`the edit of ${mutant.file} matches ${count} times`)
      isPlanted = true
      return { ...loaded, source: source.replace(mutant.find, () => mutant.replacement) }
    },
  })
  process.on('exit', () => {
    if (!isPlanted) fail(`${mutant.file} was never loaded`)
  })
}

function textOf(source: unknown): string {
  return source instanceof Uint8Array ? new TextDecoder().decode(source) : String(source)
}

function fail(why: string): never {
  console.log(why)
  process.exit(3)
}
