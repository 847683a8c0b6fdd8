/**
 * Traps the globals that leak time or chance into a simulation. They are replaced while events run
 * and given back between slices, so that the program around the simulation keeps its own.
 */
import { Defect } from '../base/assert.ts'

const trapped: readonly (readonly [object: string, names: readonly string[]])[] = [
  ['Date', ['now']],
  ['Math', ['random']],
  ['performance', ['now']],
  ['crypto', ['getRandomValues', 'randomUUID']],
  ['', ['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'fetch']],
]

let depth = 0

/** Replaces each trapped function by one that throws a `Defect`; the result puts them back. */
export function trapGlobals(): () => void {
  depth += 1
  if (depth > 1)
    return () => {
      depth -= 1
    }
  const undo: (() => void)[] = []
  for (const [objectName, names] of trapped) {
    const object: unknown = objectName === '' ? globalThis : Reflect.get(globalThis, objectName)
    if (typeof object !== 'object' && typeof object !== 'function') continue
    if (object === null) continue
    for (const name of names) undo.push(trap(object, name, objectName))
  }
  return () => {
    depth -= 1
    for (const put of undo) put()
  }
}

function trap(object: object, name: string, objectName: string): () => void {
  const before = Object.getOwnPropertyDescriptor(object, name)
  Object.defineProperty(object, name, {
    configurable: true,
    writable: true,
    value: () => {
      throw new Defect(
        `${objectName === '' ? '' : `${objectName}.`}${name} was called in a simulation`,
      )
    },
  })
  return () => {
    if (before === undefined) Reflect.deleteProperty(object, name)
    else Object.defineProperty(object, name, before)
  }
}
