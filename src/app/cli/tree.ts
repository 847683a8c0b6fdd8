/** Prints the metadata tree as a file system is printed: names, one value, or everything as a drawing. */
import { type MetadataNode } from '../../core/metadata/describe.ts'

/** The names below a node, those with something below them with a slash at the end. */
export function listNames(node: MetadataNode): readonly string[] {
  return node
    .children()
    .map((child) => (child.children().length > 0 ? `${child.name}/` : child.name))
}

/** A value as `key = value` lines. */
export function printValue(node: MetadataNode): string {
  return Object.entries(node.value ?? {})
    .map(([key, value]) => `${key} = ${textOf(value)}`)
    .join('\n')
}

/** Everything below a node with lines that show what belongs where. */
export function drawTree(node: MetadataNode, indent = ''): readonly string[] {
  const values = Object.entries(node.value ?? {})
  const children = node.children()
  const own = values.map(([key, value], index) => {
    const isLast = index === values.length - 1 && children.length === 0
    return `${indent}${isLast ? '└─ ' : '├─ '}${key} = ${textOf(value)}`
  })
  const below = children.flatMap((child, index) => {
    const isLast = index === children.length - 1
    return [
      `${indent}${isLast ? '└─ ' : '├─ '}${child.name}/`,
      ...drawTree(child, `${indent}${isLast ? '   ' : '│  '}`),
    ]
  })
  return [...own, ...below]
}

/** The tree as one JSON value: the values of a node and, under their names, its children. */
export function jsonTree(node: MetadataNode): object {
  const children = node.children().map((child) => [child.name, jsonTree(child)] as const)
  return { ...node.value, ...Object.fromEntries(children) }
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  if (Array.isArray(value) && value.every((item) => typeof item !== 'object'))
    return value.join(',')
  return JSON.stringify(value)
}
