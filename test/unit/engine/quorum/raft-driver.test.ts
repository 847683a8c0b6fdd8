import { expect, test } from 'vitest'
import { utf8 } from '../../../../src/base/bytes.ts'
import { present } from '../../../../src/base/assert.ts'
import { epoch } from '../../../../src/base/id.ts'
import { QuorumStage } from './quorum-stage.ts'

test('three voters elect one of them and commit what it is proposed, everywhere', async () => {
  const stage = new QuorumStage({ voters: 3, observers: 1 })
  await stage.play(async () => {
    await stage.elected()
    const first = stage.propose('a')
    const second = stage.propose('b')
    expect(second?.baseOffset).toBe((first?.baseOffset ?? 0) + 1)
    expect(await first?.committed).toBe(true)
    expect(await second?.committed).toBe(true)
    expect(await stage.agreed()).toEqual(['a', 'b'])
  })
})

test('a sole voter commits by itself', async () => {
  const stage = new QuorumStage({ voters: 1 })
  await stage.play(async () => {
    await stage.elected()
    expect(await stage.propose('alone')?.committed).toBe(true)
    expect(await stage.agreed()).toEqual(['alone'])
  })
})

test('when the leader is killed another one is active in well under a second', async () => {
  const pauses: number[] = []
  for (let seed = 1; seed <= 10; seed++) {
    const stage = new QuorumStage({ voters: 3, observers: 1, seed })
    await stage.play(async () => {
      const former = await stage.elected()
      expect(await stage.propose('before')?.committed).toBe(true)
      await stage.pass(2000)
      stage.stop(former)
      pauses.push(await stage.until(() => stage.active() !== undefined))
      expect(await stage.propose('after')?.committed).toBe(true)
      await stage.start(former)
      expect(await stage.agreed()).toEqual(['before', 'after'])
    })
  }
  expect(Math.max(...pauses)).toBeLessThan(1000)
})

test('a power loss of all nodes keeps what was committed', async () => {
  const stage = new QuorumStage({ voters: 3, observers: 1 })
  await stage.play(async () => {
    await stage.elected()
    const proposed = ['a', 'b', 'c'].map((text) => stage.propose(text))
    const fates = proposed.map(async (one) => one?.committed)
    expect(await Promise.all(fates)).toEqual([true, true, true])
    for (const node of stage.nodes) stage.stop(node, 'power-loss')
    for (const node of stage.nodes) await stage.start(node)
    await stage.elected()
    expect(await stage.agreed()).toEqual(['a', 'b', 'c'])
  })
})

test('a leader that resigns is followed by another at once', async () => {
  const stage = new QuorumStage({ voters: 3 })
  await stage.play(async () => {
    const former = await stage.elected()
    await stage.pass(1000)
    const resigned = former.quorum?.resign()
    expect(former.quorum?.leadership().isLeader).toBe(false)
    const pauseMs = await stage.until(() => stage.active() !== undefined)
    await resigned
    expect(pauseMs).toBeLessThan(300)
    expect(stage.active()).not.toBe(former)
  })
})

test('a proposal under another epoch, or at a node that does not lead, is refused', async () => {
  const stage = new QuorumStage({ voters: 3 })
  await stage.play(async () => {
    const leader = await stage.elected()
    const records = [utf8('x')]
    expect(leader.quorum?.propose({ epoch: epoch(77), records })).toBeUndefined()
    const other = stage.nodes.find((node) => node !== leader)
    const now = present(leader.quorum, 'the leader').leadership().epoch
    expect(other?.quorum?.propose({ epoch: now, records })).toBeUndefined()
  })
})

test('a cut-off leader resigns, and what it could not commit is unknown', async () => {
  const stage = new QuorumStage({ voters: 3 })
  await stage.play(async () => {
    const leader = await stage.elected()
    for (const other of stage.nodes) {
      if (other === leader) continue
      stage.network.links.cut(leader.machine.name, other.machine.name)
      stage.network.links.cut(other.machine.name, leader.machine.name)
    }
    const lost = stage.propose('lost')
    expect(await lost?.committed).toBe(false)
    expect(leader.quorum?.leadership().isLeader).toBe(false)
    await stage.until(() => stage.active() !== undefined)
    expect(await stage.propose('kept')?.committed).toBe(true)
    stage.network.links.healAll()
    expect(await stage.agreed()).toEqual(['kept'])
  })
})

test('a node whose store fails takes part no more, says so, and the others go on', async () => {
  const stage = new QuorumStage({ voters: 3 })
  await stage.play(async () => {
    const leader = await stage.elected()
    await stage.pass(1000)
    leader.machine.disk.faults.inject({ on: 'write', code: 'io', afterCount: 0, isLasting: true })
    leader.machine.disk.faults.inject({ on: 'sync', code: 'io', afterCount: 0, isLasting: true })
    expect(await stage.propose('unknown')?.committed).toBe(false)
    await stage.until(() => leader.failure !== undefined)
    expect(leader.quorum?.leadership().isLeader).toBe(false)
    const others = stage.nodes.filter((node) => node !== leader)
    const pauseMs = await stage.until(() =>
      others.some((node) => node.quorum?.activeSince() !== undefined),
    )
    expect(pauseMs).toBeLessThan(1000)
    expect(await stage.propose('after')?.committed).toBe(true)
  })
})

test('a node whose disk was full takes part again when there is room, with all that was committed', async () => {
  const stage = new QuorumStage({ voters: 3 })
  await stage.play(async () => {
    const leader = await stage.elected()
    await stage.pass(1000)
    expect(await stage.propose('before')?.committed).toBe(true)
    leader.machine.disk.faults.inject({ on: 'write', code: 'no-space', afterCount: 0 })
    expect(await stage.propose('unknown')?.committed).toBe(false)
    await stage.until(() => stage.active() !== undefined)
    expect(await stage.propose('meanwhile')?.committed).toBe(true)
    await stage.until(() => leader.quorum?.failure() === undefined)
    expect(leader.failure).toBeUndefined()
    const committed = await stage.agreed()
    expect(committed.filter((text) => text !== 'unknown')).toEqual(['before', 'meanwhile'])
  })
})

test('a sole voter whose disk was full leads again when there is room', async () => {
  const stage = new QuorumStage({ voters: 1 })
  await stage.play(async () => {
    const only = await stage.elected()
    expect(await stage.propose('before')?.committed).toBe(true)
    only.machine.disk.faults.inject({ on: 'write', code: 'no-space', afterCount: 0 })
    expect(await stage.propose('unknown')?.committed).toBe(false)
    await stage.until(() => stage.active() !== undefined)
    expect(await stage.propose('after')?.committed).toBe(true)
    const committed = await stage.agreed()
    expect(committed.filter((text) => text !== 'unknown')).toEqual(['before', 'after'])
  })
})

test('an idle quorum exchanges a fetch for each follower and wait, and nothing else', async () => {
  const stage = new QuorumStage({ voters: 3 })
  await stage.play(async () => {
    await stage.elected()
    await stage.pass(2000)
    const before = stage.sim.eventCount()
    const fetchesBefore = stage.served.get('quorum-fetch') ?? 0
    await stage.pass(30_000)
    const fetches = (stage.served.get('quorum-fetch') ?? 0) - fetchesBefore
    expect(fetches).toBeGreaterThan(90)
    expect(fetches).toBeLessThanOrEqual(120)
    expect(stage.sim.eventCount() - before).toBeLessThan(3000)
  })
})

test('the leader describes its quorum, the others refuse', async () => {
  const stage = new QuorumStage({ voters: 3, observers: 1 })
  await stage.play(async () => {
    const leader = await stage.elected()
    await stage.pass(1000)
    const described = await leader.quorum?.handle('describe-quorum', {})
    expect(described).toMatchObject({ ok: true, value: { leaderId: leader.id } })
    if (described?.ok !== true) return
    expect(described.value.voters.map((voter) => voter.logEndOffset)).toEqual([2, 2, 2])
    expect(described.value.observers).toHaveLength(1)
    const other = stage.nodes.find((node) => node !== leader)
    expect(await other?.quorum?.handle('describe-quorum', {})).toMatchObject({
      ok: false,
      code: 'NOT_CONTROLLER',
    })
  })
})
