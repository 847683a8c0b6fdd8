import { expect, test } from 'vitest'
import { nearestWord } from '../../../../src/core/config/nearest.ts'
import { settings } from '../../../../src/core/config/settings.ts'
import { isSettingKey } from '../../../../src/core/config/topic-settings.ts'
import { parseSettingValue, printSettingValue } from '../../../../src/core/config/value.ts'

test('every default is a value that its own declaration accepts', () => {
  for (const key of Object.keys(settings).filter(isSettingKey)) {
    const setting = settings[key]
    const parsed = parseSettingValue(setting, printSettingValue(setting.default))
    expect(parsed, key).toEqual({ ok: true, value: setting.default })
  }
})

test('a value out of bounds is refused with what was expected', () => {
  const expected = (key: keyof typeof settings, text: string): string => {
    const parsed = parseSettingValue(settings[key], text)
    return parsed.ok ? 'accepted' : parsed.expected
  }
  expect(expected('num.partitions', '0')).toBe('a whole number from 1 to 100000')
  expect(expected('log.roll.ms', '0')).toBe('a whole number of at least 1')
  expect(expected('num.partitions', '1e3')).toBe('a whole number from 1 to 100000')
  expect(expected('log.flush', 'never')).toBe('one of ack, interval')
  expect(expected('auto.create.topics.enable', 'yes')).toBe('true or false')
  expect(expected('leader.imbalance.per.broker.percentage', '101')).toBe('a number from 0 to 100')
  expect(expected('num.partitions', ' 7 ')).toBe('accepted')
})

test('lists are split at commas and trimmed', () => {
  expect(parseSettingValue(settings['log.dirs'], 'a, b')).toEqual({ ok: true, value: ['a', 'b'] })
  expect(parseSettingValue(settings['log.dirs'], '')).toEqual({ ok: true, value: [] })
})

test('the nearest word is the one with the fewest edits', () => {
  const words = ['retention.ms', 'retention.bytes', 'segment.bytes']
  expect(nearestWord('retentionms', words)).toBe('retention.ms')
  expect(nearestWord('segment.byte', words)).toBe('segment.bytes')
  expect(nearestWord('x', [])).toBeUndefined()
})
