import { describe, expect, onTestFinished, test } from 'vitest'
import { createFunctionHost } from './function-host.ts'
import type { FunctionLogLine } from '../../log-line.ts'
import type { FunctionDefinition } from './function-sandbox.ts'
import { eventually, temporaryFolder } from '../../testing/helpers.ts'

const arn = 'arn:aws:lambda:us-east-1:000000000000:function:f'

function hostWith(files: Readonly<Record<string, string>>, overrides: Partial<FunctionDefinition> = {}) {
  const lines: FunctionLogLine[] = []
  const host = createFunctionHost((line) => lines.push(line))
  onTestFinished(() => host.stop())
  host.register({
    name: 'f',
    arn,
    taskRoot: temporaryFolder(files),
    handler: 'index.handler',
    environment: { COLOUR: 'blue' },
    memoryMb: 128,
    timeoutSeconds: 30,
    logGroupName: '/aws/lambda/f',
    ...overrides,
  })
  return { host, lines }
}

function hostOf(body: string, overrides: Partial<FunctionDefinition> = {}) {
  return hostWith({ 'index.mjs': `export const handler = async (event, context) => { ${body} }` }, overrides)
}

async function errorOf(host: ReturnType<typeof hostOf>['host'], event: unknown = {}) {
  const result = await host.invoke('f', event)
  return result.type === 'error' ? result.error : expect.fail(JSON.stringify(result))
}

describe('function host', () => {
  test('runs an ES module and passes event and result as JSON', async () => {
    const { host } = hostOf('return { got: event, gone: undefined, at: new Date(0) }')
    expect(await host.invoke('f', { a: [1, 'x'] })).toMatchObject({
      type: 'success',
      payload: { got: { a: [1, 'x'] }, at: '1970-01-01T00:00:00.000Z' },
    })
  })

  test('runs a CommonJS module, also one that answers through a callback', async () => {
    const { host } = hostWith({
      'index.js': `const { join } = require('node:path')
        exports.handler = (event, context, callback) => setImmediate(() => callback(null, join('a', event)))`,
    })
    expect(await host.invoke(`${arn}:live`, 'b')).toMatchObject({ type: 'success', payload: 'a/b' })
  })

  test('gives the function its environment and nothing of the caller', async () => {
    const { host } = hostOf('return process.env')
    const result = await host.invoke('f', {})
    expect(result).toMatchObject({ payload: { COLOUR: 'blue' } })
    expect(Object.keys(result.type === 'success' ? Object(result.payload) : {}).toSorted()).toEqual([
      'AWS_LAMBDA_LOG_STREAM_NAME',
      'COLOUR',
    ])
  })

  test('gives the function the context that Lambda gives', async () => {
    const { host } = hostOf('return { ...context, left: context.getRemainingTimeInMillis() }')
    const result = await host.invoke('f', {})
    expect(result).toMatchObject({
      payload: {
        functionName: 'f',
        functionVersion: '$LATEST',
        invokedFunctionArn: arn,
        memoryLimitInMB: '128',
        awsRequestId: result.requestId,
        logGroupName: '/aws/lambda/f',
      },
    })
    expect(result.type === 'success' && Object(result.payload).left).toBeGreaterThan(20_000)
  })

  test('reports what the handler throws and stays warm', async () => {
    const { host } = hostOf(`globalThis.n = (globalThis.n ?? 0) + 1
      if (event.fail) throw new TypeError('no good')
      return globalThis.n`)
    expect(await errorOf(host, { fail: true })).toMatchObject({
      errorType: 'TypeError',
      errorMessage: 'no good',
    })
    expect(await host.invoke('f', {})).toMatchObject({ payload: 2 })
  })

  test('ends an invocation that exceeds its timeout, and starts anew', async () => {
    const { host } = hostOf('for (; event.spin;); return 1', { timeoutSeconds: 0.2 })
    const error = await errorOf(host, { spin: true })
    expect(error.errorType).toBe('Sandbox.Timedout')
    expect(error.errorMessage).toMatch(/^RequestId: \S+ Error: Task timed out after 0.20 seconds$/)
    expect(await host.invoke('f', {})).toMatchObject({ payload: 1 })
  })

  test('turns process.exit, an uncaught exception and a forgotten rejection into errors', async () => {
    const { host } = hostOf(`if (event === 'exit') process.exit(3)
      if (event === 'throw') setImmediate(() => { throw new RangeError('late') })
      if (event === 'reject') void Promise.reject(new Error('forgotten'))
      if (event !== 'fine') await new Promise((resolve) => setTimeout(resolve, 20_000))
      return 'ok'`)
    expect((await errorOf(host, 'exit')).errorMessage).toMatch(/exit status 3/)
    expect(await errorOf(host, 'throw')).toMatchObject({ errorType: 'RangeError', errorMessage: 'late' })
    expect(await errorOf(host, 'reject')).toMatchObject({ errorType: 'Runtime.UnhandledPromiseRejection' })
    expect(await host.invoke('f', 'fine')).toMatchObject({ payload: 'ok' })
    expect((await host.figures())['f']).toMatchObject({ invocations: 4, errors: 3 })
  })

  test('ends a function that outgrows its memory', async () => {
    const grow = 'const all = []; while (event !== "small") all.push(new Array(100_000).fill(Math.random()))'
    const { host, lines } = hostOf(grow, { memoryMb: 40 })
    expect(await errorOf(host)).toMatchObject({ errorType: 'Runtime.OutOfMemory' })
    expect(lines).toContainEqual({
      functionName: 'f',
      stream: 'host',
      text: 'error out of memory: a worker needed more than its 40 MB and was ended; the next invocation starts another',
    })
    expect(await host.invoke('f', 'small')).toMatchObject({ type: 'success' })
  })

  test('names a missing file, a missing export, a syntax error and a package outside the asset', async () => {
    const missing = hostWith({})
    expect(await errorOf(missing.host)).toMatchObject({ errorType: 'Runtime.ImportModuleError' })
    const noExport = hostWith({ 'index.mjs': 'export const other = 1' })
    expect(await errorOf(noExport.host)).toMatchObject({ errorType: 'Runtime.HandlerNotFound' })
    const broken = hostWith({ 'index.mjs': 'export const = 1' })
    expect(await errorOf(broken.host)).toMatchObject({ errorType: 'Runtime.UserCodeSyntaxError' })
    const unbundled = hostWith({ 'index.mjs': `import 'zod'; export const handler = () => 1` })
    expect(await errorOf(unbundled.host)).toMatchObject({ errorType: 'Runtime.ImportModuleError' })
  })

  test('offers the AWS SDK as Lambda does', async () => {
    const { host } = hostWith({
      'index.mjs': `import { S3Client } from '@aws-sdk/client-s3'
        export const handler = async () => typeof S3Client`,
    })
    expect(await host.invoke('f', {})).toMatchObject({ payload: 'function' })
  })

  test('runs invocations of a reserved concurrency of one after another', async () => {
    const source = `globalThis.running = (globalThis.running ?? 0) + 1
      await new Promise((resolve) => setImmediate(resolve))
      return globalThis.running--`
    const { host } = hostOf(source, { reservedConcurrency: 1 })
    const results = await Promise.all([1, 2, 3].map((event) => host.invoke('f', event)))
    expect(results.map((result) => result.type === 'success' && result.payload)).toEqual([1, 1, 1])
    expect((await host.figures())['f']?.workers).toBe(1)
  })

  test('passes on each printed line with the name of the function', async () => {
    const { host, lines } = hostOf(`console.log('one\\ntwo'); console.error('three'); return 1`)
    await host.invoke('f', {})
    await eventually('three lines', () => lines.length === 3)
    expect(lines).toContainEqual({ functionName: 'f', stream: 'stdout', text: 'two' })
    expect(lines).toContainEqual({ functionName: 'f', stream: 'stderr', text: 'three' })
  })

  test('kills a function in mid-invocation, which becomes an error, and goes on with a new worker', async () => {
    const { host, lines } = hostOf(`console.log('started')
      await new Promise((resolve) => setTimeout(resolve, event.wait)); return 'done'`)
    const inFlight = host.invoke('f', { wait: 20_000 })
    await eventually('the invocation to start', () => lines.length > 0)
    await host.kill('f')
    expect(await inFlight).toMatchObject({ type: 'error', error: { errorType: 'Runtime.ExitError' } })
    expect(await host.invoke('f', { wait: 0 })).toMatchObject({ payload: 'done' })
  })

  test('reports a function that cannot be started', async () => {
    const { host } = hostOf('return 1', { environment: { NODE_OPTIONS: '--bogus' } })
    expect((await errorOf(host)).errorMessage).toMatch(/^Cannot start f: .*--bogus/)
  })

  test('refuses an event over 6 MB', async () => {
    const { host } = hostOf('return 1')
    expect(await errorOf(host, 'x'.repeat(7_000_000))).toMatchObject({
      errorType: 'RequestEntityTooLargeException',
    })
  })

  test('refuses a result that is larger than Lambda gives', async () => {
    // Two quotes, and three bytes a euro.
    const { host } = hostOf(`return '\u20ac'.repeat(event) + 'x'.repeat(6_291_556 - 2 - 3 * 2_000_000)`)
    expect(await host.invoke('f', 2_000_000)).toMatchObject({ type: 'success' })
    expect(await errorOf(host, 2_000_001)).toEqual({
      errorType: 'Function.ResponseSizeTooLarge',
      errorMessage:
        'Response payload size (6291559 bytes) exceeded maximum allowed payload size (6291556 bytes).',
    })
  })

  test('measures CPU time and memory', async () => {
    const { host } = hostOf('const end = Date.now() + 50; while (Date.now() < end); return 1')
    await host.invoke('f', {})
    const figures = (await host.figures())['f']
    expect(figures?.cpuMs).toBeGreaterThan(5)
    expect(figures?.memoryBytes).toBeGreaterThan(1_000_000)
  })

  test('names the functions it has when asked for another', async () => {
    const { host } = hostOf('return 1')
    await expect(host.invoke('g', {})).rejects.toThrow('No function g; there are: f.')
  })
})
