/**
 * Processes by more than their number: a pid is reused, so a signal goes out only to the process
 * that was started, told by the moment it began. Works on Linux by /proc, elsewhere by ps.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** One process: its number and what tells it from a later one of the same number. */
export interface ProcessIdentity {
  readonly pid: number
  readonly birth: string
}

/** What a process does. */
export type ProcessState = 'running' | 'paused' | 'gone'

/** The identity of a process that runs now; absent when there is none. */
export function identify(pid: number): ProcessIdentity | undefined {
  const seen = look(pid)
  return seen === undefined ? undefined : { pid, birth: seen.birth }
}

/** What the very process does now. */
export function stateOf(identity: ProcessIdentity): ProcessState {
  const seen = look(identity.pid)
  if (seen?.birth !== identity.birth) return 'gone'
  return seen.isPaused ? 'paused' : 'running'
}

/** Sends a signal to the very process; false when it is gone. */
export function signal(identity: ProcessIdentity, name: NodeJS.Signals): boolean {
  if (stateOf(identity) === 'gone') return false
  try {
    return process.kill(identity.pid, name)
  } catch {
    return false
  }
}

interface Seen {
  readonly birth: string
  readonly isPaused: boolean
}

function look(pid: number): Seen | undefined {
  return process.platform === 'linux' ? lookInProc(pid) : lookWithPs(pid)
}

function lookInProc(pid: number): Seen | undefined {
  let text: string
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  } catch {
    return undefined
  }
  // The name (field 2) may hold spaces and parentheses; field 3 is the state, field 22 the birth.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const [state = 'Z'] = fields
  if (state === 'Z' || state === 'X') return undefined
  return { birth: `ticks:${fields[19] ?? ''}`, isPaused: state === 'T' }
}

function lookWithPs(pid: number): Seen | undefined {
  try {
    const text = execFileSync('ps', ['-o', 'state=,lstart=', '-p', String(pid)])
      .toString()
      .trim()
    const [state = 'Z'] = text
    if (state === 'Z') return undefined
    return { birth: text.slice(text.indexOf(' ')).trim(), isPaused: state === 'T' }
  } catch {
    return undefined
  }
}
