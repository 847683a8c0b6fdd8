/** Compiles C sources of this folder into a directory that the caller removes. Absent: no compiler. */
import { execFileSync } from 'node:child_process'
import path from 'node:path'

/** The C compiler of the host, by name; the tests that need one say so when there is none. */
export const compiler: string | undefined = ['cc', 'gcc', 'clang'].find((name) => {
  try {
    execFileSync(name, ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})

/** Compiles `shim.c` to a library, or another source to a program; the path of what was made. */
export function compile(source: 'shim.c' | 'probe.c', into: string): string {
  if (compiler === undefined) throw new Error('there is no C compiler')
  const isLibrary = source === 'shim.c'
  const made = path.join(into, isLibrary ? 'shim.so' : 'probe')
  const flags = ['-Wall', '-Wextra', '-Werror', '-O1', '-o', made]
  const from = path.join(import.meta.dirname, source)
  execFileSync(compiler, [
    ...flags,
    ...(isLibrary ? ['-fPIC', '-shared'] : []),
    from,
    '-ldl',
    '-lpthread',
  ])
  return made
}
