import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createAsynchronousInvoker } from './asynchronous-invocation.ts'
import type { InvocationResult } from './invocation.ts'

const failure: InvocationResult = {
  type: 'error',
  requestId: 'r',
  error: { errorType: 'Error', errorMessage: 'no' },
}

function manualClock() {
  const timers: { at: number; callback: () => void }[] = []
  let now = 0
  return {
    now: () => now,
    after: (milliseconds: number, callback: () => void) => {
      timers.push({ at: now + milliseconds, callback })
      return () => undefined
    },
    advance: async () => {
      const next = timers.shift()
      if (next === undefined) return undefined
      now = next.at
      next.callback()
      await turn()
      return now
    },
  }
}

test('retries a failed invocation after one and after two more minutes, then gives up', async () => {
  const clock = manualClock()
  const events: unknown[] = []
  const invoker = createAsynchronousInvoker(async (_name, event) => {
    events.push(event)
    return failure
  }, clock)
  invoker.send('f', { n: 1 })
  await turn()
  expect(await clock.advance()).toBe(60_000)
  expect(await clock.advance()).toBe(180_000)
  expect(await clock.advance()).toBeUndefined()
  expect(events).toEqual([{ n: 1 }, { n: 1 }, { n: 1 }])
})

test('retries as often, and as long, as configured', async () => {
  const clock = manualClock()
  let attempts = 0
  const invoker = createAsynchronousInvoker(async () => {
    attempts += 1
    return failure
  }, clock)
  invoker.configure('never', { maximumRetryAttempts: 0 })
  invoker.configure('short', { maximumEventAgeSeconds: 60 })
  invoker.send('never', {})
  await turn()
  expect(await clock.advance()).toBeUndefined()
  invoker.send('short', {})
  await turn()
  expect(await clock.advance()).toBe(60_000)
  expect(await clock.advance()).toBeUndefined()
  expect(attempts).toBe(3)
})
