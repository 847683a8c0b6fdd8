import { expect, test } from 'vitest'
import { describeImage, findNode } from '../../../../src/core/metadata/describe.ts'
import { Clerk } from '../../../golden/controller/clerk.ts'

function tree(): ReturnType<typeof describeImage> {
  const clerk = new Clerk()
  clerk.bringUp(2, 1, 10)
  clerk.create('orders', {
    assignments: [
      [1, 2],
      [2, 1],
    ],
    configs: { flush: 'interval' },
  })
  return describeImage(clerk.image())
}

test('an image is a tree of brokers, topics, partitions, configs and features', () => {
  const names = (path: string): readonly string[] | undefined =>
    findNode(tree(), path)
      ?.children()
      .map(({ name }) => name)
  expect(names('/')).toEqual([
    'cluster',
    'features',
    'producer-ids',
    'brokers',
    'topics',
    'configs',
  ])
  expect(names('/brokers')).toEqual(['1', '2', '10'])
  expect(names('topics/orders/partitions')).toEqual(['0', '1'])
  expect(findNode(tree(), '/topics/orders/partitions/1')?.value).toMatchObject({
    leader: 2,
    isr: [2, 1],
  })
  expect(findNode(tree(), '/configs/topic/orders')?.value).toEqual({ flush: 'interval' })
  expect(findNode(tree(), '/features')?.value).toEqual({ 'metadata.version': 1 })
  expect(findNode(tree(), '/cluster')?.value).toMatchObject({ brokerCount: 3, partitionCount: 2 })
})

test('a path that leads nowhere has no node', () => {
  expect(findNode(tree(), '/topics/nothing')).toBeUndefined()
})
