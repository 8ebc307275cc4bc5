import { expect, onTestFinished, test } from 'vitest'
import * as z from 'zod'
import { functionOf } from '../../testing/function-definition.ts'
import { createFunctionHost } from './function-host.ts'
import type { FunctionHost, FunctionHostOptions } from './function-host.ts'

/** Tells the time in every way in which a program may ask for it, and how long a timer of 20 ms takes. */
const source = `
  export const handler = async (event, context) => {
    const began = performance.now()
    await new Promise((resolve) => setTimeout(resolve, 20))
    return {
      times: [Date.now(), new Date().getTime(), Date.parse(Date()), new (class extends Date {})().getTime()],
      given: new Date(2025, 0, 1).getFullYear() + new Date('1999-01-01T00:00:00Z').getUTCFullYear(),
      isDate: new Date() instanceof Date,
      elapsedMs: performance.now() - began,
      remainingMs: context.getRemainingTimeInMillis(),
    }
  }`

const answerSchema = z.object({
  times: z.array(z.number()),
  given: z.literal(2025 + 1999),
  isDate: z.literal(true),
  elapsedMs: z.number(),
  remainingMs: z.number(),
})

function hostWith(options: FunctionHostOptions): FunctionHost {
  const host = createFunctionHost(() => undefined, options)
  onTestFinished(() => host.stop())
  host.register(functionOf(source, { memoryMb: 128 }))
  return host
}

/** By how many seconds the clock of the function is ahead, in every way alike. */
async function aheadOf(host: FunctionHost): Promise<number> {
  const result = await host.invoke('f', {})
  if (result.type === 'error') throw new Error(result.error.errorMessage)
  const { times, elapsedMs, remainingMs } = answerSchema.parse(result.payload)
  const now = Date.now()
  // Without the sign of a zero.
  const seconds = times.map((time) => Math.round((time - now) / 10_000) * 10 + 0)
  expect(new Set(seconds).size).toBe(1)
  expect(elapsedMs).toBeGreaterThan(15)
  expect(elapsedMs).toBeLessThan(5000)
  expect(remainingMs).toBeGreaterThan(1000)
  expect(remainingMs).toBeLessThanOrEqual(30_000)
  return seconds[0] ?? Number.NaN
}

test('a clock of its own is put forward and back, of a worker that runs and of one that starts', async () => {
  const host = hostWith({ clocks: 'own' })
  expect(await aheadOf(host)).toBe(0)
  host.setClock('f', 300_000)
  expect(await aheadOf(host)).toBe(300)
  host.setClock('f', -120_000)
  expect(await aheadOf(host)).toBe(-120)
  await host.kill('f')
  expect(await aheadOf(host)).toBe(-120)
  host.setClock('f', 0)
  expect(await aheadOf(host)).toBe(0)
})

test("the machine's clock cannot be set, nor one be put off by weeks", async () => {
  const host = hostWith({})
  expect(() => host.setClock('f', 1000)).toThrow("The clock of f is the machine's: start with clocks: 'own'.")
  expect(await aheadOf(host)).toBe(0)
  expect(() => hostWith({ clocks: 'own' }).setClock('f', 2 ** 31)).toThrow(RangeError)
})
