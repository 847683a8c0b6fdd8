import { expect, test } from 'vitest'
import { epoch, offset } from '../../../../src/base/id.ts'
import { emptyDelta } from '../../../../src/core/metadata/delta/delta.ts'
import { emptyImage } from '../../../../src/core/metadata/image/empty.ts'
import { type MetadataImage } from '../../../../src/core/metadata/image/image.ts'
import { MetadataPublisher } from '../../../../src/engine/quorum/metadata-publisher.ts'

function imageAt(at: number): MetadataImage {
  return { ...emptyImage, offset: offset(at), epoch: epoch(1) }
}

const never = new AbortController().signal

test('a reader gets what changed since the image that it had', async () => {
  const publisher = new MetadataPublisher()
  publisher.publish(imageAt(3), { ...emptyDelta, configsChanged: new Set(['topic/a']) })
  publisher.publish(imageAt(5), { ...emptyDelta, configsChanged: new Set(['topic/b']) })
  const all = await publisher.next(offset(0), never)
  expect(all).toMatchObject({ delta: { configsChanged: new Set(['topic/a', 'topic/b']) } })
  const last = await publisher.next(offset(3), never)
  expect(last).toMatchObject({ delta: { configsChanged: new Set(['topic/b']) } })
})

test('a reader that is up to date waits for the next image', async () => {
  const publisher = new MetadataPublisher()
  const waiting = publisher.next(offset(0), never)
  publisher.publish(imageAt(1), emptyDelta)
  expect((await waiting)?.image.offset).toBe(1)
})

test('a reader that lags too far looks at everything again', async () => {
  const publisher = new MetadataPublisher()
  for (let at = 1; at <= 300; at++) publisher.publish(imageAt(at), emptyDelta)
  expect((await publisher.next(offset(0), never))?.delta).toBe('reload')
  expect((await publisher.next(offset(299), never))?.delta).toEqual(emptyDelta)
})

test('an abort ends the wait with nothing', async () => {
  const abort = new AbortController()
  const waiting = new MetadataPublisher().next(offset(0), abort.signal)
  abort.abort()
  expect(await waiting).toBeUndefined()
})
