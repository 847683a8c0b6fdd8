/** LevelDB's errors as storage faults. */
import { StorageFault, type StorageFaultCode } from '../../engine/ports/fault.ts'

const codes: Readonly<Record<string, StorageFaultCode>> = {
  LEVEL_LOCKED: 'locked',
  LEVEL_CORRUPTION: 'corrupt',
  LEVEL_ITERATOR_NOT_OPEN: 'closed',
}

const noSpacePattern = /no space left|quota exceeded|file too large/i
const deniedPattern = /permission denied|read-only file system|operation not permitted/i

/** The innermost cause that says what happened decides; a database closed by its owner is `closed`. */
function levelFault(cause: unknown, what: string): StorageFault {
  if (cause instanceof StorageFault) return cause
  const chain = causesOf(cause)
  const message = chain.map((error) => error.message).join(': ')
  return new StorageFault(codeOf(chain, message), `${what}: ${message}`, { cause })
}

/** Runs one database operation; what it throws becomes a `StorageFault`. */
export async function faulting<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    throw levelFault(cause, what)
  }
}

function codeOf(chain: readonly Error[], message: string): StorageFaultCode {
  if (noSpacePattern.test(message)) return 'no-space'
  if (deniedPattern.test(message)) return 'denied'
  for (const error of chain) {
    const code = 'code' in error && typeof error.code === 'string' ? codes[error.code] : undefined
    if (code !== undefined) return code
  }
  const [first] = chain
  const isClosed =
    first !== undefined &&
    'code' in first &&
    first.code === 'LEVEL_DATABASE_NOT_OPEN' &&
    chain.length === 1
  return isClosed ? 'closed' : 'io'
}

function causesOf(cause: unknown): readonly Error[] {
  if (!(cause instanceof Error)) return [new Error(String(cause))]
  return cause.cause === undefined ? [cause] : [cause, ...causesOf(cause.cause)]
}
