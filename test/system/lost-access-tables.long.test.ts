import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { beforeAll, expect, it } from 'vitest'
import * as z from 'zod'

import type { Deployment } from '../../bin/embedded/deployment.ts'
import { clientOptions } from '../../bin/stage/client-options.ts'
import { CLIENT, type OidcIssuer, startOidcIssuer } from '../support/oidc-issuer.ts'
import { createTable, loseTable } from './support/lost-tables.ts'
import { runCommand } from './support/run-command.ts'
import { startDrill } from './support/start-drill.ts'

const ticketSchema = z.object({ protocols: z.array(z.string()) })
const actionsSchema = z.object({ items: z.array(z.object({ what: z.string() })) })

let issuer: OidcIssuer
let deployment: Deployment
let dynamodb: DynamoDBClient

beforeAll(async () => {
  issuer = await startOidcIssuer()
  const drill = await startDrill({
    settings: { access: 'people', oidcIssuer: 'http://127.0.0.1:9', oidcClientId: CLIENT },
    environment: { OIDC_ISSUER: issuer.url },
  })
  deployment = drill.deployment
  dynamodb = new DynamoDBClient(clientOptions('DYNAMODB', deployment.runtime.environment))
  return async () => {
    await drill.end()
    await issuer.stop()
  }
})

async function ask(method: string, path: string, body?: object) {
  const answer = await fetch(`${deployment.api.url}${path}`, {
    method,
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${await issuer.signIn('omar')}`,
    },
    ...(body && { body: JSON.stringify(body) }),
  })
  return { status: answer.status, body: await answer.text() }
}

/** Whether a WebSocket is let in. */
function connects(options: { readonly protocols?: string[]; readonly headers?: Record<string, string> }) {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const socket = new WebSocket(deployment.webSocketUrl ?? '', options)
  socket.addEventListener('open', () => {
    resolve(true)
    socket.close()
  })
  socket.addEventListener('error', () => resolve(false))
  return promise
}

it('a browser gets no ticket without the table tickets, all else works, and an empty one is all that it takes', async () => {
  const table = 'tickstock-local-tickets'
  await loseTable(dynamodb, table)
  expect((await ask('POST', '/v1/live-tickets')).status).toBeGreaterThanOrEqual(500)
  expect((await ask('GET', '/v1/symbols')).status).toBe(200)
  expect(await connects({ headers: { 'x-api-key': deployment.api.key } })).toBe(true)
  await createTable(dynamodb, 'The table tickets is lost', table)
  const { status, body } = await ask('POST', '/v1/live-tickets')
  expect(status).toBe(201)
  const { protocols } = ticketSchema.parse(JSON.parse(body))
  expect([await connects({ protocols }), await connects({ protocols })]).toEqual([true, false])
})

it('nothing is done unrecorded without the table actions, and the record begins anew with an empty one', async () => {
  const table = 'tickstock-local-actions'
  const path = '/v1/operations/flags/broadcast'
  const flagOf = async (): Promise<unknown> => JSON.parse((await ask('GET', '/v1/operations/system')).body)
  const off = {
    flags: expect.arrayContaining([expect.objectContaining({ name: 'broadcast', value: 'off' })]),
  }
  const actions = async (): Promise<string[]> =>
    actionsSchema
      .parse(JSON.parse((await ask('GET', '/v1/operations/actions')).body))
      .items.map(({ what }) => what)
  expect(await ask('PUT', path, { value: 'on' })).toMatchObject({ status: 200 })
  expect(await actions()).toEqual(['flag broadcast on'])

  await loseTable(dynamodb, table)
  expect(await ask('PUT', path, { value: 'off' })).toMatchObject({ status: 500 })
  expect(await flagOf()).not.toMatchObject(off)
  const { environment } = deployment.runtime
  expect(await runCommand(['flag', 'broadcast', 'off'], environment)).toMatchObject({ code: 0 })
  expect(await flagOf()).toMatchObject(off)

  await createTable(dynamodb, 'The table actions is lost', table)
  expect(await ask('PUT', path, { value: 'on' })).toMatchObject({ status: 200 })
  expect(await actions()).toEqual(['flag broadcast on'])
})
