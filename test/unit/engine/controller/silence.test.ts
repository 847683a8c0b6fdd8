import { expect, test } from 'vitest'
import { Stage } from './stage.ts'

test('a killed broker is fenced by crash evidence, long before its session ends', async () => {
  const stage = new Stage()
  await stage.play(async () => {
    const one = await stage.broker(1)
    await stage.broker(2)
    await stage.create('t', [1, 2])
    one.machine.kill()
    await stage.pause(700)
    expect(stage.isFenced(1)).toBe(true)
    expect(stage.partition('t')).toMatchObject({ leader: 2, isr: [2] })
    expect(stage.isFenced(2)).toBe(false)
  })
})

test('a paused broker accepts connections: only its session fences it', async () => {
  const stage = new Stage({ 'broker.session.timeout.ms': 3000 })
  await stage.play(async () => {
    const one = await stage.broker(1)
    one.machine.process()?.pause()
    await stage.pause(2800)
    expect(stage.isFenced(1)).toBe(false)
    await stage.pause(600)
    expect(stage.isFenced(1)).toBe(true)
    one.machine.process()?.resume()
    await stage.pause(150)
    expect(stage.isFenced(1)).toBe(false)
  })
})

test('silence of the network is no evidence', async () => {
  const stage = new Stage({ 'broker.session.timeout.ms': 3000 })
  await stage.play(async () => {
    const one = await stage.broker(1)
    one.machine.kill()
    stage.network.powerOff('broker1')
    await stage.pause(2500)
    expect(stage.isFenced(1)).toBe(false)
    await stage.pause(1000)
    expect(stage.isFenced(1)).toBe(true)
  })
})

test('with evidence switched off only the session counts', async () => {
  const stage = new Stage({
    'broker.session.timeout.ms': 3000,
    'controller.crash.evidence.enable': false,
  })
  await stage.play(async () => {
    const one = await stage.broker(1)
    one.machine.kill()
    await stage.pause(2500)
    expect(stage.isFenced(1)).toBe(false)
    await stage.pause(1000)
    expect(stage.isFenced(1)).toBe(true)
  })
})

test('a new controller looks for evidence about each broker that does not call it', async () => {
  const stage = new Stage()
  await stage.play(async () => {
    const one = await stage.broker(1)
    stage.log.lose()
    one.machine.kill()
    await stage.pause(2000)
    expect(stage.isFenced(1)).toBe(false)
    stage.log.lead()
    await stage.pause(700)
    expect(stage.isFenced(1)).toBe(true)
  })
})

test('a controller that was stopped itself does not blame the brokers', async () => {
  const stage = new Stage({ 'broker.session.timeout.ms': 3000 })
  await stage.play(async () => {
    const one = await stage.broker(1)
    const controller = stage.machine.process()
    const broker = one.machine.process()
    stage.sim.after(100, () => {
      controller?.pause()
      broker?.pause()
    })
    stage.sim.after(10_100, () => controller?.resume())
    stage.sim.after(10_150, () => broker?.resume())
    await new Promise<void>((resolve) => {
      stage.sim.after(10_300, resolve)
    })
    expect(stage.log.batches.flat().some((record) => 'isFenced' in record && record.isFenced)).toBe(
      false,
    )
  })
})
