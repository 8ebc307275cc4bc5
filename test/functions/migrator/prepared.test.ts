import { once } from 'node:events'
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'

import { expect, it } from 'vitest'
import * as z from 'zod'

import { preparedAtFirstEvent } from '../../../functions/migrator/prepared.ts'

const broken = () =>
  preparedAtFirstEvent(() => {
    throw new Error('OWNER_SECRET_ARN is not set')
  })

/** What CloudFormation hears of a request. */
async function answerTo(RequestType: string): Promise<unknown> {
  let heard: unknown
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      heard = JSON.parse(body)
      response.end()
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = z.object({ port: z.number() }).parse(server.address())
  try {
    await broken()({
      RequestType,
      ResponseURL: `http://127.0.0.1:${port}/`,
      StackId: 'stack',
      RequestId: 'request',
      LogicalResourceId: 'Migrated',
    })
  } finally {
    server.close()
  }
  return heard
}

it('a migrator that cannot start tells CloudFormation why', async () => {
  expect(await answerTo('Create')).toMatchObject({
    Status: 'FAILED',
    Reason: 'the migrator cannot start: OWNER_SECRET_ARN is not set',
  })
})

it('a stack can be deleted even when its migrator cannot start', async () => {
  expect(await answerTo('Delete')).toMatchObject({ Status: 'SUCCESS' })
})

it('whoever else calls it gets the error', async () => {
  await expect(broken()({ type: 'maintain' })).rejects.toThrow('OWNER_SECRET_ARN is not set')
})

it('whatever it needs is made once', async () => {
  let times = 0
  const handler = preparedAtFirstEvent(() => {
    times++
    return async () => times
  })
  await handler({})
  expect(await handler({})).toBe(1)
})
