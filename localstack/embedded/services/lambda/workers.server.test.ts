import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import * as z from 'zod'
import { eventually, temporaryFolder } from '../../testing/helpers.ts'
import { createFunctionHost } from './function-host.ts'
import type { FunctionHost, FunctionHostOptions } from './function-host.ts'
import { lambdaApi } from './lambda-api.ts'
import { standardRules } from './worker-rules.ts'

/** A function that answers at once, or once there is a file `go`. */
const source = `
  import { existsSync } from 'node:fs'
  import { join } from 'node:path'
  import { threadId } from 'node:worker_threads'
  export const handler = async (event) => {
    const go = join(import.meta.dirname, 'go')
    if (event === 'who') return threadId
    while (event === 'wait' && !existsSync(go)) await new Promise((resolve) => setTimeout(resolve, 5))
    return event
  }`

function hostWith(options: FunctionHostOptions) {
  const host = createFunctionHost(() => undefined, options)
  onTestFinished(() => host.stop())
  const taskRoot = temporaryFolder({ 'index.mjs': source })
  host.register({
    name: 'f',
    arn: 'arn:aws:lambda:us-east-1:000000000000:function:f',
    taskRoot,
    handler: 'index.handler',
    environment: {},
    memoryMb: 128,
    timeoutSeconds: 30,
    logGroupName: '/aws/lambda/f',
  })
  return { host, go: () => writeFileSync(join(taskRoot, 'go'), '') }
}

async function workersOf(host: FunctionHost): Promise<number | undefined> {
  return (await host.figures())['f']?.workers
}

function invokeAll(host: FunctionHost, count: number, event: string) {
  return Promise.all(Array.from({ length: count }, () => host.invoke('f', event)))
}

describe('a burst of invocations', () => {
  test('is served by no more workers than the base, which end once they are idle, except for one', async () => {
    const { host } = hostWith({ rules: { idleMs: 50 } })
    for (let burst = 0; burst < 2; burst++) {
      const results = await invokeAll(host, 300, 'now')
      expect(results.filter(({ type }) => type !== 'success')).toEqual([])
      expect(await workersOf(host)).toBeLessThanOrEqual(standardRules.base)
      await eventually('one worker is left', async () => (await workersOf(host)) === 1)
    }
  })

  test('is served anew after the last worker has been idle for long', async () => {
    const { host } = hostWith({ rules: { idleMs: 20, lastIdleMs: 40 } })
    const first = await host.invoke('f', 'who')
    await eventually('no worker is left', async () => (await workersOf(host)) === 0)
    const second = await host.invoke('f', 'who')
    expect([first.type, second.type]).toEqual(['success', 'success'])
    expect(second).not.toMatchObject({ payload: first.type === 'success' ? first.payload : undefined })
  })

  test('gets more workers when all wait for something, so that none is stuck behind the others', async () => {
    const { host, go } = hostWith({ rules: { base: 1, stallMs: 20 } })
    const waiting = invokeAll(host, 5, 'wait')
    await eventually('a worker for each', async () => (await workersOf(host)) === 5)
    expect(await host.invoke('f', 'now')).toMatchObject({ payload: 'now' })
    go()
    expect((await waiting).every(({ type }) => type === 'success')).toBe(true)
  })
})

describe('shards', () => {
  const who = (host: FunctionHost, shard: string) => host.invoke('f', 'who', { shard })

  test('share a worker that has the time', async () => {
    const { host } = hostWith({ rules: { shareMs: 60_000 } })
    await Promise.all(['a', 'b', 'c'].map((shard) => host.invoke('f', 'now', { shard })))
    expect(await workersOf(host)).toBe(1)
  })

  test('get another worker when theirs is busy for long, keep it, and share one again when there is little to do', async () => {
    const { host, go } = hostWith({ rules: { shareMs: 20, idleMs: 200 } })
    const first = await who(host, 'a')
    const waiting = host.invoke('f', 'wait', { shard: 'a' })
    const other = await who(host, 'b')
    go()
    await waiting
    expect(other).not.toMatchObject({ payload: first.type === 'success' && first.payload })
    for (const { shard, result } of [
      { shard: 'a', result: first },
      { shard: 'b', result: other },
    ])
      expect(await who(host, shard)).toMatchObject({ payload: result.type === 'success' && result.payload })
    await eventually('one worker is left', async () => (await workersOf(host)) === 1)
    expect((await who(host, 'a')).type).toBe('success')
    expect((await who(host, 'b')).type).toBe('success')
    expect(await workersOf(host)).toBe(1)
  })

  test.each([
    [{}, 4],
    [{ forShards: 2 }, 2],
  ])('without affinity and with %j go in turn to %i workers', async (rules, count) => {
    const { host } = hostWith({ affinity: 'none', rules })
    const threads: unknown[] = []
    for (let batch = 0; batch < 2 * count; batch++) threads.push(await who(host, 'a'))
    expect(await workersOf(host)).toBe(count)
    const ids = threads.map((result) => z.object({ payload: z.int() }).parse(result).payload)
    expect(new Set(ids.slice(0, count)).size).toBe(count)
    expect(ids.slice(count)).toEqual(ids.slice(0, count))
  })
})

describe('above the concurrency of an account', () => {
  test('an invocation is throttled as by Lambda, and the batch of a shard is not', async () => {
    const { host, go } = hostWith({ maxConcurrency: 3 })
    const waiting = invokeAll(host, 3, 'wait')
    expect(await host.invoke('f', 'now')).toMatchObject({
      error: { errorType: 'TooManyRequestsException', errorMessage: 'Rate Exceeded.' },
    })
    expect(await host.invoke('f', 'now', { shard: 'a' })).toMatchObject({ payload: 'now' })
    const answered = await lambdaApi(host, { send: () => undefined })({
      method: 'POST',
      path: '/2015-03-31/functions/f/invocations',
      query: new URLSearchParams(),
      headers: {},
      body: Buffer.from('"now"'),
    })
    expect(answered).toMatchObject({
      status: 429,
      headers: { 'x-amzn-errortype': 'TooManyRequestsException' },
    })
    go()
    await waiting
    expect(await host.invoke('f', 'now')).toMatchObject({ payload: 'now' })
  })
})

test('a function that is warm has a worker before its first invocation, and that one serves it', async () => {
  const { host } = hostWith({})
  const loading = host.warm('f')
  await host.warm('f')
  expect(await workersOf(host)).toBe(1)
  expect(await host.invoke('f', 'now')).toMatchObject({ type: 'success', payload: 'now' })
  await loading
  expect(await workersOf(host)).toBe(1)
})
