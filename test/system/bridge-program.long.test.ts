import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { PutRecordsCommand } from '@aws-sdk/client-kinesis'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import * as z from 'zod'

import { type Deployment, startDeployment } from '../../bin/embedded/deployment.ts'
import { createKinesisClient } from '../../feed/kinesis-client.ts'
import { bundleProgram } from '../../lib/bundled-code.ts'
import { preparedData } from './support/data-folder.ts'
import { runProgram } from './support/run-program.ts'
import { waitFor } from './support/wait-for.ts'

let data: string
let folder: string
let program: string
let deployment: Deployment

beforeAll(async () => {
  data = await preparedData()
  folder = mkdtempSync(join(tmpdir(), 'tickstock-bridge-'))
  program = join(folder, 'index.mjs')
  bundleProgram('bin/bridge/main.ts', program)
  deployment = await startDeployment({ data, durability: 'none' })
})

afterAll(async () => {
  await deployment.stop()
  for (const each of [data, folder]) rmSync(each, { recursive: true, force: true })
})

const listeningSchema = z.object({ message: z.literal('listening'), url: z.string() })

it('the program of the container passes bars on with a key alone, and ends its clients in peace when it is stopped', async () => {
  const { api, webSocketUrl = '' } = deployment
  const { stop, printed } = runProgram(program, {
    API_URL: `${api.url}/`,
    WEB_SOCKET_URL: webSocketUrl,
    TICKSTOCK_KEY: api.key,
    BRIDGE_HOST: '127.0.0.1',
    BRIDGE_PORT: '0',
  })
  await waitFor(() => printed().includes('listening'), 'it to listen')
  const { url } = listeningSchema.parse(JSON.parse(printed().trim().split('\n')[0] ?? ''))
  const health = await fetch(`${url.replace('ws:', 'http:')}/health`)
  expect({ status: health.status, body: await health.json() }).toEqual({
    status: 200,
    body: { connections: 0 },
  })

  const heard: string[] = []
  let code: number | undefined
  const socket = new WebSocket(`${url}/v2/iex`, { headers: { 'APCA-API-SECRET-KEY': api.key } })
  socket.on('message', (frame: Buffer) => heard.push(frame.toString()))
  socket.on('close', (closed) => {
    code = closed
  })
  await waitFor(() => heard.length === 2, 'the client to be let in')
  socket.send('{"action":"subscribe","bars":["PROG"]}')
  await waitFor(() => heard.length === 3, 'its subscription')
  const minute = Math.floor(Date.now() / 60_000) * 60 - 60
  const trade = (timestamp: number) => JSON.stringify({ symbol: 'PROG', price: 10, volume: 3, timestamp })
  const records = [minute + 1, minute + 61].map((timestamp) => ({
    Data: Buffer.from(trade(timestamp)),
    PartitionKey: 'PROG',
  }))
  await createKinesisClient(deployment.runtime.environment).send(
    new PutRecordsCommand({ StreamName: deployment.ticksStream, Records: records }),
  )
  await waitFor(() => heard.some((text) => text.includes('"T":"b"')), 'the bar')
  expect(heard.find((text) => text.includes('"T":"b"'))).toContain('"S":"PROG"')

  expect(await stop()).toBe(0)
  await waitFor(() => code !== undefined, 'the client to be told')
  expect(code).toBe(1001)
})

it('says which variables are missing, and ends', async () => {
  const { ended, printed } = runProgram(program, { BRIDGE_HOST: '127.0.0.1', BRIDGE_PORT: '70000' })
  expect(await ended).toBe(1)
  for (const said of ['API_URL is not set', 'TICKSTOCK_KEY is not set', 'BRIDGE_PORT is "70000"'])
    expect(printed()).toContain(said)
})
