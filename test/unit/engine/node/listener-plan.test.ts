import { expect, test } from 'vitest'
import { present } from '../../../../src/base/assert.ts'
import { parseSettings } from '../../../../src/core/config/parse.ts'
import { type Settings } from '../../../../src/core/config/settings.ts'
import { advertise, planListeners, rolesOf } from '../../../../src/engine/node/listener-plan.ts'

function settingsWith(values: Readonly<Record<string, string>>): Settings {
  const parsed = parseSettings([{ source: 'file', where: 'a test', values }])
  return present(parsed.ok ? parsed.settings : undefined, 'settings')
}

test('a node opens the listeners of its roles and no others', () => {
  const names = (roles: string): readonly string[] => {
    const between = { 'process.roles': roles }
    return planListeners(settingsWith(between)).map(({ endpoint }) => endpoint.listener)
  }
  expect(names('broker,controller')).toEqual(['CLIENT', 'CONTROLLER'])
  expect(names('broker')).toEqual(['CLIENT'])
  expect(names('controller')).toEqual(['CONTROLLER'])
})

test('others are told the bound port, or the advertised address', () => {
  const plain = settingsWith({ listeners: 'CLIENT://[::1]:0,CONTROLLER://h:7093' })
  const [client] = planListeners(plain)
  const bound = { listener: 'CLIENT', host: '::1', port: 4444 }
  expect(client && advertise(client, bound)).toEqual(bound)
  const told = settingsWith({
    listeners: 'CLIENT://0.0.0.0:0,CONTROLLER://h:7093',
    'advertised.listeners': 'CLIENT://me.example:0',
  })
  const [outside] = planListeners(told)
  expect(outside && advertise(outside, bound)).toEqual({ ...bound, host: 'me.example' })
})

test('listeners that cannot work are refused with what is wrong', () => {
  const messageOf = (values: Readonly<Record<string, string>>): string => {
    try {
      planListeners(settingsWith(values))
      return 'fine'
    } catch (cause) {
      return String(cause)
    }
  }
  expect(messageOf({ listeners: 'CLIENT:7092' })).toContain('NAME://host:port')
  expect(messageOf({ listeners: 'CLIENT://h:70920,CONTROLLER://h:1' })).toContain(
    'NAME://host:port',
  )
  expect(messageOf({ listeners: 'CLIENT://h:1' })).toContain('role controller')
  expect(messageOf({ listeners: 'A://h:1,CONTROLLER://h:2' })).toContain('inter.broker.listener')
  expect(messageOf({ listeners: 'CLIENT://:1,CONTROLLER://h:2' })).toContain('advertised.listeners')
  expect(messageOf({ listeners: 'CLIENT://h:1,CLIENT://h:2,CONTROLLER://h:3' })).toContain('twice')
})

test('roles are broker, controller, or both', () => {
  expect(rolesOf(settingsWith({ 'process.roles': 'controller,broker' }))).toEqual([
    'broker',
    'controller',
  ])
  expect(() => rolesOf(settingsWith({ 'process.roles': 'janitor' }))).toThrow('process.roles')
})
