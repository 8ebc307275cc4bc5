import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import * as z from 'zod'
import { eventually, temporaryFolder } from '../testing/helpers.ts'

const startedSchema = z.object({ endpoint: z.url(), StreamName: z.string(), ApiUrl: z.url() })

/** Runs run.ts as README.md does; ends it with the test. */
async function start(folder: string) {
  const child = spawn(process.execPath, [fileURLToPath(new URL('run.ts', import.meta.url)), folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  const stop = async (): Promise<unknown> => {
    child.kill('SIGTERM')
    const [code]: unknown[] = await exited
    return code
  }
  onTestFinished(async () => void (await stop()))
  const [line]: unknown[] = await once(createInterface({ input: child.stdout }), 'line')
  return { ...startedSchema.parse(JSON.parse(String(line))), stop }
}

/** The request of README.md. */
async function putReading(endpoint: string, StreamName: string, reading: unknown): Promise<number> {
  const Data = Buffer.from(JSON.stringify(reading)).toString('base64')
  const { status } = await fetch(endpoint, {
    method: 'POST',
    headers: { 'x-amz-target': 'Kinesis_20131202.PutRecord', 'content-type': 'application/x-amz-json-1.1' },
    body: JSON.stringify({ StreamName, PartitionKey: 'attic', Data }),
  })
  return status
}

test('a record that is put to the stream is read by the API, also after a restart', async () => {
  const folder = temporaryFolder()
  const first = await start(folder)
  const url = (apiUrl: string) => `${apiUrl}thermometers/attic`
  expect((await fetch(url(first.ApiUrl))).status).toBe(404)
  const reading = { thermometer: 'attic', celsius: 21.5 }
  expect(await putReading(first.endpoint, first.StreamName, reading)).toBe(200)
  const response = await eventually('the reading is stored', async () => {
    const answer = await fetch(url(first.ApiUrl))
    return answer.ok ? answer : undefined
  })
  expect(await response.json()).toEqual(reading)
  expect(await first.stop()).toBe(0)

  const second = await start(folder)
  expect(await (await fetch(url(second.ApiUrl))).json()).toEqual(reading)
})
