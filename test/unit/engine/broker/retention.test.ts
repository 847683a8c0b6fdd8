import { expect, test } from 'vitest'
import { offsetsOf, onBrokers } from './stage.ts'

const settings = { 'log.retention.bytes': '0', 'log.retention.check.interval.ms': '200' }

test('a leader deletes by retention below its high watermark, and followers take its start', async () => {
  await onBrokers(
    3,
    async (stage) => {
      const id = await stage.topic('t', [1, 2, 3])
      for (let count = 0; count < 5; count++) await stage.produce(1, id)
      const logs = [1, 2, 3].map((on) => stage.replica(on, 't')?.log)
      while (logs.some((log) => log?.startOffset() !== 5)) await stage.sleep(20)
      while (logs.some((log) => log?.segments().length !== 0)) await stage.sleep(20)
      expect(await stage.produce(1, id)).toMatchObject({ baseOffset: 5 })
      expect(offsetsOf(await stage.fetch(1, id, { from: 5 }))).toEqual([5])
    },
    settings,
  )
})
