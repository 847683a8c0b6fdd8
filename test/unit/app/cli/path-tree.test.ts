/** The tree behind `sluice metadata`. */
import { expect, test } from 'vitest'
import { at, draw, list, normalized, treeOf } from '../../../../src/app/cli/path-tree.ts'

const tree = treeOf({ topics: { orders: { id: 'x', isr: [1, 2], partitions: [{ leader: 1 }] } } })

test('a path finds folders and texts, and nothing where a name is missing', () => {
  expect(at(tree, '/topics/orders/isr')).toBe('1,2')
  expect(at(tree, 'topics/orders/partitions/0/leader')).toBe('1')
  expect(at(tree, '/')).toBe(tree)
  expect(at(tree, '/topics/none')).toBeUndefined()
  expect(at(tree, '/topics/orders/id/more')).toBeUndefined()
  expect(at(tree, '/constructor')).toBeUndefined()
})

test('a listing marks folders', () => {
  expect(list(at(tree, '/topics/orders') ?? '')).toEqual(['id', 'isr', 'partitions/'])
})

test('a drawing shows what belongs where', () => {
  expect(draw(tree)).toEqual([
    '└─ topics',
    '   └─ orders',
    '      ├─ id = x',
    '      ├─ isr = 1,2',
    '      └─ partitions',
    '         └─ 0',
    '            └─ leader = 1',
  ])
})

test('a path has one form', () => {
  expect(['', '/', 'a//b/', '/a/b'].map(normalized)).toEqual(['/', '/', '/a/b', '/a/b'])
})
