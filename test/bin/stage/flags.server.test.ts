import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { openParameterStore } from 'embedded-aws/services'
import { answer, type HttpServer, startHttpServer } from 'embedded-aws/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { deployedFlags } from '../../../bin/stage/flags.ts'

let folder: string
let server: HttpServer

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tickstock-test-'))
  const parameters = openParameterStore(join(folder, 'parameters.json'), {
    arnPrefix: 'arn:aws:ssm:us-east-1:000000000000:parameter',
    now: Date.now,
  })
  for (const name of ['aggregation', 'late-corrections', 'analytics'])
    parameters.declare({ name: `/tickstock/local/flags/${name}`, value: 'on', type: 'String' })
  parameters.declare({ name: '/desk/prod/flags/analytics', value: 'on', type: 'String' })
  server = await startHttpServer(
    0,
    (incoming, outgoing) => void answer(incoming, outgoing, parameters.handle),
  )
})

afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true, force: true })
})

it('the flags of a deployment with a prefix of its own are those below it', async () => {
  const flags = deployedFlags('prod', { AWS_ENDPOINT_URL: server.endpoint }, 'desk')
  expect([...(await flags.list()).keys()]).toEqual(['analytics'])
})

describe('the flags of a deployment without WebSockets', () => {
  const flags = () => deployedFlags('local', { AWS_ENDPOINT_URL: server.endpoint })

  it('are those that it has', async () => {
    expect([...(await flags().list()).keys()]).toEqual(['aggregation', 'late-corrections', 'analytics'])
  })

  it('do not have broadcast, and say why when it is to be turned', async () => {
    await expect(flags().set('broadcast', 'off')).rejects.toThrow(
      'stage local has no flag broadcast, only aggregation, late-corrections, analytics: it is deployed with websocket off',
    )
    await flags().set('analytics', 'off')
    expect((await flags().list()).get('analytics')).toBe('off')
  })
})
