import { expect, test } from 'vitest'

import { limits } from './limits.ts'
import { createMessageIntake, type Handled } from './message-intake.ts'

/** An intake whose messages are handled when the test says so, and whose clock stands until the test moves it. */
function intakeOf() {
  const handling: { readonly text: string; readonly done: (handled: Handled) => void }[] = []
  const timers = new Set<() => void>()
  const modes: string[] = []
  const intake = createMessageIntake({
    handle: (text) => new Promise((done) => handling.push({ text, done })),
    read: (mode) => modes.push(mode),
    clock: {
      now: () => 0,
      after: (milliseconds, callback) => {
        expect(milliseconds).toBe(limits.refusalMs)
        timers.add(callback)
        return () => timers.delete(callback)
      },
    },
  })
  const settled = () => new Promise(setImmediate)
  return {
    intake,
    modes,
    texts: () => handling.map(({ text }) => text),
    timers: () => timers.size,
    finish: async (handled: Handled, places: readonly number[]) => {
      for (const place of places) handling[place]?.done(handled)
      await settled()
    },
    passTime: async () => {
      for (const callback of timers) callback()
      timers.clear()
      await settled()
    },
  }
}

function names(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `m${index}`)
}
const AT_ONCE = limits.messagesAtOnce
const first = [...names(AT_ONCE).keys()]

test('so many messages are handled at a time, the others in their order, and none is lost', async () => {
  const { intake, modes, texts, finish } = intakeOf()
  for (const text of names(AT_ONCE)) intake.take(text)
  expect([texts(), modes]).toEqual([names(AT_ONCE), []])
  for (const text of names(2 * AT_ONCE).slice(AT_ONCE)) intake.take(text)
  expect([texts().length, modes.at(-1)]).toEqual([AT_ONCE, 'off'])
  await finish('passed-on', first.slice(1))
  expect([texts().length, modes.includes('on')]).toEqual([2 * AT_ONCE - 1, false])
  await finish('passed-on', [0])
  expect([texts(), modes.at(-1)]).toEqual([names(2 * AT_ONCE), 'on'])
})

test('one that is refused keeps its place for a moment', async () => {
  const { intake, modes, texts, finish, passTime } = intakeOf()
  for (const text of names(AT_ONCE + 1)) intake.take(text)
  await finish('refused', first)
  expect([texts().length, modes.at(-1)]).toEqual([AT_ONCE, 'off'])
  await passTime()
  expect([texts().length, modes.at(-1)]).toEqual([AT_ONCE + 1, 'on'])
})

test('at the end what waits is forgotten, and no timer stays', async () => {
  const { intake, texts, finish, timers } = intakeOf()
  for (const text of names(AT_ONCE + 1)) intake.take(text)
  await finish('refused', [0])
  expect(timers()).toBe(1)
  intake.end()
  await finish('passed-on', first)
  expect([texts().length, timers()]).toEqual([AT_ONCE, 0])
})
