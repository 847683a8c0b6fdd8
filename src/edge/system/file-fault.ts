/** Node's system errors as storage faults. */
import { StorageFault, type StorageFaultCode } from '../../engine/ports/fault.ts'

const codes: Readonly<Record<string, StorageFaultCode>> = {
  ENOSPC: 'no-space',
  EDQUOT: 'no-space',
  EFBIG: 'no-space',
  ENOENT: 'not-found',
  ENOTDIR: 'not-found',
  EEXIST: 'exists',
  ENOTEMPTY: 'exists',
  EACCES: 'denied',
  EPERM: 'denied',
  EROFS: 'io',
  EISDIR: 'denied',
  EBADF: 'closed',
}

/** The code of a system error (`ENOSPC`, …), or '' when it has none. */
export function systemCodeOf(cause: unknown): string {
  if (!(cause instanceof Error) || !('code' in cause)) return ''
  return typeof cause.code === 'string' ? cause.code : ''
}

/** Anything without a code of its own is an I/O fault. */
function storageFault(cause: unknown, what: string): StorageFault {
  if (cause instanceof StorageFault) return cause
  const message = cause instanceof Error ? cause.message : String(cause)
  return new StorageFault(codes[systemCodeOf(cause)] ?? 'io', `${what}: ${message}`, { cause })
}

/** Runs one file operation; what it throws becomes a `StorageFault`. */
export async function faulting<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    throw storageFault(cause, what)
  }
}
