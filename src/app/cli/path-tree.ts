/** A tree of named texts that is walked by paths like `/topics/orders/0/leader`, as a file system is. */

/** A folder of names, or a text. */
export type PathTree = string | { readonly [name: string]: PathTree }

/** The part of the tree at a path; absent when a name on the way is not there. */
export function at(tree: PathTree, path: string): PathTree | undefined {
  let node: PathTree | undefined = tree
  for (const name of path.split('/').filter((word) => word !== '')) {
    if (typeof node !== 'object' || !Object.hasOwn(node, name)) return undefined
    node = node[name]
  }
  return node
}

/** The names in a folder, folders with a slash at the end; a text is its own value. */
export function list(node: PathTree): readonly string[] {
  if (typeof node === 'string') return [node]
  return Object.entries(node).map(([name, child]) =>
    typeof child === 'string' ? name : `${name}/`,
  )
}

/** The whole tree with lines that show what belongs where. */
export function draw(node: PathTree, indent = ''): readonly string[] {
  if (typeof node === 'string') return [`${indent}${node}`]
  const entries = Object.entries(node)
  return entries.flatMap(([name, child], index) => {
    const isLast = index === entries.length - 1
    const branch = `${indent}${isLast ? '└─ ' : '├─ '}`
    if (typeof child === 'string') return [`${branch}${name} = ${child}`]
    return [`${branch}${name}`, ...draw(child, `${indent}${isLast ? '   ' : '│  '}`)]
  })
}

/** A path in its one form: a slash at the start, none at the end. */
export function normalized(path: string): string {
  return `/${path
    .split('/')
    .filter((word) => word !== '')
    .join('/')}`
}

/** Any plain value as a tree: objects and arrays are folders, the rest is text. */
export function treeOf(value: unknown): PathTree {
  if (value === null || value === undefined) return ''
  if (typeof value !== 'object') return typeof value === 'string' ? value : JSON.stringify(value)
  if (Array.isArray(value) && value.every((item) => typeof item !== 'object'))
    return value.map(String).join(',')
  return Object.fromEntries(Object.entries(value).map(([name, child]) => [name, treeOf(child)]))
}
