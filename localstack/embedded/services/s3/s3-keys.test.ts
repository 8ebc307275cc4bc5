import fc from 'fast-check'
import { expect, test } from 'vitest'
import { keyOfPath, pathOfKey } from './s3-keys.ts'

test('keeps ordinary keys readable', () => {
  expect(pathOfKey('rejected/2026-01-01.ndjson')).toEqual(['rejected+', '2026-01-01.ndjson'])
})

test.each([
  '../../etc/passwd',
  '/',
  '//a',
  'a/',
  '.',
  'a/./b',
  '..',
  'a\\b',
  'a\0b',
  '%',
  'a+/b=',
  'é'.repeat(300),
])('maps %j onto a path that stays in its folder', (key) => {
  const path = pathOfKey(key)
  expect(keyOfPath(path)).toBe(key)
  for (const segment of path) expect(segment).toMatch(/^(?!\.+$)[\w.!~*'()%+=-]{1,255}$/)
})

test('maps every key onto a path of its own, never onto a folder of another', () => {
  const key = fc.string({
    unit: fc.constantFrom('a', '/', '.', '+', '=', '%', ' ', 'é', '💥'),
    minLength: 1,
    maxLength: 20,
  })
  fc.assert(
    fc.property(key, key, (left, right) => {
      expect(keyOfPath(pathOfKey(left))).toBe(left)
      fc.pre(left !== right)
      const [one, other] = [pathOfKey(left), pathOfKey(right)]
      expect(other.slice(0, one.length)).not.toEqual(one)
    }),
  )
})
