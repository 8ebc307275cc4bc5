import { expect, onTestFinished, test } from 'vitest'
import * as z from 'zod'
import { functionOf } from '../../testing/function-definition.ts'
import { eventually } from '../../testing/helpers.ts'
import { createFunctionHost } from './function-host.ts'
import type { FunctionHost, FunctionHostOptions } from './function-host.ts'

/** Counts how often a timer fires, and which of its instances it is. */
const source = `
  import { threadId } from 'node:worker_threads'
  let fired = 0
  setInterval(() => fired++, 5)
  export const handler = async () => {
    console.log('invoked')
    return { fired, threadId }
  }`

function hostWith(options: FunctionHostOptions): { readonly host: FunctionHost; readonly lines: string[] } {
  const lines: string[] = []
  const host = createFunctionHost(({ text }) => void lines.push(text), options)
  onTestFinished(() => host.stop())
  host.register(functionOf(source, { memoryMb: 128 }))
  return { host, lines }
}

const answerSchema = z.object({ fired: z.number(), threadId: z.number() })

async function invoke(host: FunctionHost) {
  const result = await host.invoke('f', {})
  if (result.type === 'error') throw new Error(result.error.errorMessage)
  return answerSchema.parse(result.payload)
}

/** How often the timer fires between two invocations, a quarter of a second apart. */
async function firedBetween(host: FunctionHost): Promise<number> {
  const { fired } = await invoke(host)
  const later = Date.now() + 250
  await eventually('a quarter of a second has passed', () => Date.now() > later)
  return (await invoke(host)).fired - fired
}

const neverEnds = { endsWorker: () => false }

test('a timer fires between two invocations by itself', async () => {
  const { host } = hostWith({})
  expect(await firedBetween(host)).toBeGreaterThan(10)
})

test('a frozen worker fires none of its timers, and goes on with the next invocation', async () => {
  const { host, lines } = hostWith({ strict: neverEnds })
  expect(await firedBetween(host)).toBeLessThan(5)
  await eventually('what it printed is there', () => lines.length === 2)
})

test('a worker that is loaded and has nothing to do yet is frozen too', async () => {
  const { host } = hostWith({ strict: neverEnds })
  await host.warm('f')
  const later = Date.now() + 250
  await eventually('a quarter of a second has passed', () => Date.now() > later)
  expect((await invoke(host)).fired).toBeLessThan(10)
})

test('a frozen worker tells its figures, and ends when it is to end', async () => {
  const { host } = hostWith({ strict: neverEnds })
  await invoke(host)
  expect((await host.figures())['f']).toMatchObject({ workers: 1, invocations: 1 })
  await host.kill('f')
  await eventually('it has ended', async () => (await invoke(host)).fired < 10)
})

test('an invocation after which the worker ends is answered, and the next one starts cold', async () => {
  let invocations = 0
  const { host } = hostWith({ strict: { endsWorker: () => ++invocations === 2 } })
  const [first, second, third] = [await invoke(host), await invoke(host), await invoke(host)]
  expect(second.threadId).toBe(first.threadId)
  expect(third.threadId).not.toBe(first.threadId)
})
