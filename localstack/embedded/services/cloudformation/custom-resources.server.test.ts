import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { startRuntime } from '../../index.ts'
import { assemblyOf, temporaryFolder } from '../../testing/helpers.ts'

/** Answers as its properties say, and prints each request. */
const source = `
  export const handler = async (event) => {
    console.log(JSON.stringify(event))
    const { Answer, Reason, Crash } = event.ResourceProperties
    if (Crash) throw new Error('crashed')
    const body = JSON.stringify({
      Status: Answer, Reason, PhysicalResourceId: 'thing-1', Data: { Url: 'made by ' + event.RequestType },
    })
    await fetch(event.ResponseURL, { method: 'PUT', body })
  }`

function assemblyWith(properties: Record<string, unknown>) {
  return assemblyOf(
    {
      Resources: {
        Worker: {
          Type: 'AWS::Lambda::Function',
          Properties: {
            Code: { S3Bucket: 'assets', S3Key: 'code.zip' },
            Handler: 'index.handler',
            Runtime: 'nodejs24.x',
          },
        },
        Thing: {
          Type: 'Custom::Thing',
          Properties: { ServiceToken: { 'Fn::GetAtt': ['Worker', 'Arn'] }, ...properties },
        },
      },
      Outputs: { Url: { Value: { 'Fn::GetAtt': ['Thing', 'Url'] } }, Id: { Value: { Ref: 'Thing' } } },
    },
    { 'asset.code/index.mjs': source },
  )
}

async function startWith(data: string, properties: Record<string, unknown>) {
  const runtime = await startRuntime({ assembly: assemblyWith(properties), data })
  onTestFinished(() => runtime.stop())
  const { invocations } = (await runtime.functions())['Small-Worker'] ?? {}
  await runtime.stop()
  return { outputs: runtime.outputs, invocations }
}

test('creates, leaves alone what is unchanged, and updates what has changed', async () => {
  const data = temporaryFolder()
  expect(await startWith(data, { Answer: 'SUCCESS', Count: 1, On: true })).toEqual({
    outputs: { Url: 'made by Create', Id: 'thing-1' },
    invocations: 1,
  })
  expect(await startWith(data, { Answer: 'SUCCESS', Count: 1, On: true })).toEqual({
    outputs: { Url: 'made by Create', Id: 'thing-1' },
    invocations: 0,
  })
  expect(await startWith(data, { Answer: 'SUCCESS', Count: 2, On: true })).toEqual({
    outputs: { Url: 'made by Update', Id: 'thing-1' },
    invocations: 1,
  })
  const state: unknown = JSON.parse(readFileSync(join(data, 'custom-resources.json'), 'utf8'))
  expect(state).toMatchObject({ Thing: { properties: { Count: '2', On: 'true' } } })
})

test('a failure stops the start with its reason, and is tried again at the next', async () => {
  const data = temporaryFolder()
  await expect(startWith(data, { Answer: 'FAILED', Reason: 'no room' })).rejects.toThrow(
    'Thing (Custom::Thing) failed: no room',
  )
  await expect(startWith(data, { Answer: 'SUCCESS', Crash: true })).rejects.toThrow(
    'Thing (Custom::Thing) failed: crashed',
  )
  await expect(startWith(data, { Answer: 'MAYBE' })).rejects.toThrow(/response is malformed/)
  expect((await startWith(data, { Answer: 'SUCCESS' })).outputs['Url']).toBe('made by Create')
})

test('fails when the function does not respond in time', async () => {
  const silent = { Answer: 'SUCCESS', ServiceTimeout: 1 }
  const assembly = assemblyWith(silent)
  const data = temporaryFolder()
  const pending = startRuntime({
    assembly,
    data,
    clock: { now: Date.now, after: (_milliseconds, callback) => (callback(), () => undefined) },
  })
  await expect(pending).rejects.toThrow('Thing (Custom::Thing) failed: no response within 1 s')
})
