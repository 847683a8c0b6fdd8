/** Settings: layers, bounds, and what is said about mistakes. */
import { expect, test } from 'vitest'
import {
  environmentLayer,
  type ParsedSettings,
  parseSettings,
  type SettingLayer,
} from '../../../../src/core/config/parse.ts'

const file = (values: Readonly<Record<string, string>>): SettingLayer => ({
  source: 'file',
  where: 'node.properties',
  values,
})

function messageOf(parsed: ParsedSettings): string {
  return parsed.ok ? 'ok' : parsed.message
}

test('a flag wins over the environment, the environment over the file, the file over the default', () => {
  const environment = environmentLayer(
    { SLUICE_LOG_SEGMENT_BYTES: '30000', SLUICE_NODE_ID: '2', PATH: 'x' },
    [],
  )
  const flags: SettingLayer = { source: 'flag', where: '--set', values: { 'node.id': '3' } }
  const parsed = parseSettings([
    flags,
    environment,
    file({ 'node.id': '1', 'log.segment.bytes': '20000', 'broker.rack': 'a' }),
  ])
  if (!parsed.ok) throw new Error(parsed.message)
  const { settings, sourced } = parsed
  const from = (key: string): unknown => sourced.find((one) => one.key === key)
  expect(settings['node.id']).toBe(3)
  expect(settings['log.segment.bytes']).toBe(30_000)
  expect(settings['broker.rack']).toBe('a')
  expect(settings['num.partitions']).toBe(1)
  expect(from('node.id')).toMatchObject({ source: 'flag', where: '--set' })
  expect(from('log.segment.bytes')).toMatchObject({ source: 'environment' })
  expect(from('broker.rack')).toMatchObject({ source: 'file', where: 'node.properties' })
  expect(from('num.partitions')).toMatchObject({ source: 'default' })
})

test('an unknown key is refused with the nearest known one', () => {
  expect(messageOf(parseSettings([file({ 'log.segment.byte': '1' })]))).toBe(
    'Setting log.segment.byte in node.properties is unknown: did you mean log.segment.bytes? (sluice config show lists all)',
  )
  expect(messageOf(parseSettings([environmentLayer({ SLUICE_NODEID: '1' }, [])]))).toBe(
    'Setting nodeid in the environment is unknown: did you mean node.id? (sluice config show lists all)',
  )
})

test('a reserved variable is no setting', () => {
  expect(
    messageOf(parseSettings([environmentLayer({ SLUICE_BOOTSTRAP: 'a:1' }, ['SLUICE_BOOTSTRAP'])])),
  ).toBe('ok')
})

test('a value out of bounds is refused with the bound', () => {
  expect(messageOf(parseSettings([file({ 'num.partitions': '0' })]))).toBe(
    "Setting num.partitions in node.properties must be a whole number from 1 to 100000, not '0'.",
  )
  expect(messageOf(parseSettings([file({ 'num.partitions': '1000001' })]))).toContain(
    'from 1 to 100000',
  )
})

test('text that is no number, truth value or known word is refused', () => {
  expect(messageOf(parseSettings([file({ 'node.id': '1.5' })]))).toContain('a whole number from 0')
  expect(messageOf(parseSettings([file({ 'node.id': '' })]))).toContain("not ''")
  expect(messageOf(parseSettings([file({ 'auto.leader.rebalance.enable': 'yes' })]))).toContain(
    'true or false',
  )
  expect(messageOf(parseSettings([file({ 'log.flush': 'never' })]))).toContain(
    'one of ack, interval',
  )
})

test('a list is split at commas and trimmed', () => {
  const parsed = parseSettings([file({ 'process.roles': ' broker , controller,' })])
  expect(parsed.ok && parsed.settings['process.roles']).toEqual(['broker', 'controller'])
})
