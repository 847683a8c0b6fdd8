import { expect, test } from 'vitest'
import { nodeId, partitionIndex } from '../../../../src/base/id.ts'
import { type CreateTopicsRequest } from '../../../../src/core/api/cluster-admin.ts'
import { Stage } from './stage.ts'

function topic(name: string): CreateTopicsRequest {
  return {
    topics: [{ name, partitionCount: 1, replicationFactor: 1, configs: {} }],
    validateOnly: false,
  }
}

test('a node that is not the active controller refuses, and names who is', async () => {
  const stage = new Stage()
  await stage.play(
    async () => {
      expect(stage.controller.isActive()).toBe(false)
      expect(await stage.ask('delete-topics', { names: [] })).toMatchObject({
        ok: false,
        code: 'NOT_CONTROLLER',
      })
    },
    { isActive: false },
  )
})

test('the first active controller writes the level of the metadata, a later one nothing', async () => {
  const stage = new Stage({ 'min.insync.replicas': 2 })
  await stage.play(async () => {
    expect(stage.metadata.current().features.get('metadata.version')).toBe(1)
    expect(stage.metadata.current().configs.get('cluster/')).toEqual({ 'min.insync.replicas': '2' })
    stage.log.lose()
    stage.log.lead()
    await stage.pause(10)
    expect(stage.controller.isActive()).toBe(true)
    expect(stage.log.batches).toHaveLength(1)
  })
})

test('a broker is registered fenced and unfenced by its first heartbeat that has seen that', async () => {
  const stage = new Stage()
  await stage.play(async () => {
    await stage.broker(1)
    expect(stage.isFenced(1)).toBe(false)
  })
})

test('nothing is answered before its commit', async () => {
  const stage = new Stage()
  await stage.play(async () => {
    await stage.broker(1)
    stage.log.isHeld = true
    const answers: string[] = []
    const created = stage.ask('create-topics', topic('t')).then(() => answers.push('created'))
    // A refusal that follows from what is not committed yet waits for it as well.
    const refused = stage.ask('create-topics', topic('t')).then(() => answers.push('refused'))
    await stage.pause(50)
    expect(answers).toEqual([])
    stage.log.isHeld = false
    stage.log.commit()
    await Promise.all([created, refused])
    expect(answers).toEqual(['created', 'refused'])
  })
})

test('a change whose commit is not seen is answered as unknown, and the overlay is dropped', async () => {
  const stage = new Stage()
  await stage.play(async () => {
    await stage.broker(1)
    stage.log.isHeld = true
    const created = stage.ask('create-topics', topic('t'))
    const repeated = stage.ask('create-topics', topic('t'))
    await stage.pause(5)
    stage.log.isHeld = false
    stage.log.lose()
    expect(await created).toMatchObject({ ok: false, code: 'UNKNOWN_OUTCOME' })
    expect(await repeated).toMatchObject({ ok: false, code: 'NOT_CONTROLLER' })
    stage.log.lead()
    await stage.pause(10)
    const again = await stage.ask('create-topics', topic('t'))
    expect(again).toMatchObject({ ok: true, value: { topics: [{ name: 't', partitionCount: 1 }] } })
  })
})

test('a controller that does not know what became of its batch gives up the leadership', async () => {
  const stage = new Stage()
  await stage.play(async () => {
    await stage.broker(1)
    stage.log.isHeld = true
    const created = stage.ask('create-topics', topic('t'))
    stage.log.fail()
    expect(await created).toMatchObject({ code: 'UNKNOWN_OUTCOME' })
    expect(stage.controller.isActive()).toBe(false)
    await stage.pause(1)
    expect(stage.log.leadership().isLeader).toBe(false)
  })
})

test('when the log takes no more, requests are refused and nothing happens', async () => {
  const stage = new Stage()
  await stage.play(async () => {
    await stage.broker(1)
    stage.log.isFull = true
    const before = stage.metadata.current().offset
    expect(await stage.ask('create-topics', topic('t'))).toMatchObject({ code: 'THROTTLED' })
    expect(stage.metadata.current().offset).toBe(before)
  })
})

test('two creations at once do not make the same topic twice', async () => {
  const stage = new Stage()
  await stage.play(async () => {
    await stage.broker(1)
    const answers = await Promise.all([
      stage.ask('create-topics', topic('t')),
      stage.ask('create-topics', topic('t')),
    ])
    expect(answers[0]).toMatchObject({ value: { topics: [{ name: 't', partitionCount: 1 }] } })
    expect(answers[1]).toMatchObject({
      value: { topics: [{ error: { code: 'TOPIC_ALREADY_EXISTS' } }] },
    })
  })
})

test('a broker that restarts leads again only under a higher epoch', async () => {
  const stage = new Stage()
  await stage.play(async () => {
    const broker = await stage.broker(1)
    await stage.create('t', [1])
    expect(stage.partition('t')).toMatchObject({ leader: 1, leaderEpoch: 0 })
    broker.machine.kill()
    await broker.start()
    expect(stage.partition('t')).toMatchObject({ leader: 1, leaderEpoch: 2 })
  })
})

test('a controlled shutdown may end when the others have applied it', async () => {
  const stage = new Stage()
  await stage.play(async () => {
    const one = await stage.broker(1)
    await stage.broker(2)
    await stage.create('t', [1, 2])
    expect(await one.beat(true)).toMatchObject({ value: { mayShutdown: false } })
    expect(stage.partition('t')).toMatchObject({ leader: 2, isr: [2] })
    await stage.pause(150)
    expect(await one.beat(true)).toMatchObject({ value: { mayShutdown: true, isFenced: true } })
  })
})

test('leadership returns to the preferred replica some time after it is back in the ISR', async () => {
  const stage = new Stage()
  await stage.play(async () => {
    const one = await stage.broker(1)
    const two = await stage.broker(2)
    await stage.create('t', [1, 2])
    one.machine.kill()
    await one.start()
    expect(stage.partition('t')).toMatchObject({ leader: 2, isr: [2] })
    await stage.pause(5000)
    expect(stage.partition('t').leader).toBe(2)
    const { brokers } = stage.metadata.current()
    const { leaderEpoch, partitionEpoch } = stage.partition('t')
    const present = [...brokers.values()].map(({ id, epoch }) => ({
      brokerId: id,
      brokerEpoch: epoch,
    }))
    const leader = present.find(({ brokerId }) => brokerId === nodeId(two.id))
    const topicId = stage.metadata.current().topicIds.get('t')
    if (leader === undefined || topicId === undefined) throw new Error('nobody leads')
    await stage.ask('alter-partition', {
      ...leader,
      partitions: [
        {
          topicId,
          partition: partitionIndex(0),
          leaderEpoch,
          partitionEpoch,
          newIsr: present,
          resigns: false,
        },
      ],
    })
    await stage.pause(1100)
    expect(stage.partition('t')).toMatchObject({ leader: 1, leaderEpoch: leaderEpoch + 1 })
  })
})
