import { describe, expect, it } from 'vitest'

import { noCost } from '../../../functions/operator/cost-so-far.ts'
import { noFigures } from '../../../functions/operator/figures.ts'
import { createOperations } from '../../../functions/operator/operations.ts'

/** The operations over flags that fail as they are told, without a bucket. */
function world() {
  const done: string[] = []
  const logged: string[] = []
  let fault: Error | undefined
  const absent = () => Promise.reject(new Error('no bucket'))
  const handler = createOperations({
    flags: {
      names: ['analytics'],
      list: async () => new Map([['analytics', 'on'] as const]),
      set: async (name, value) => {
        if (fault !== undefined) throw fault
        done.push(`set ${name} ${value}`)
      },
    },
    actions: {
      record: async (who, what) => void done.push(`${who}: ${what}`),
      list: async () => [],
      alone: async (work) => await work(),
    },
    deadLetters: {
      bucket: { keys: absent, list: absent, read: absent, write: absent, delete: absent },
      put: absent,
      states: { load: absent },
      ticksStream: 'ticks',
      now: () => 0,
    },
    figures: noFigures,
    costSoFar: noCost,
    logError: (message) => void logged.push(message),
  })
  const ask = async (httpMethod: string, path: string, body: string | null, role = 'operator') => {
    const authorizer = { principalId: 'omar', role, name: 'omar@example.com' }
    const event = { httpMethod, path: `/v1/operations${path}`, body, requestContext: { authorizer } }
    const { statusCode, body: text } = await handler(event)
    return { statusCode, body: JSON.parse(text) }
  }
  return {
    done,
    logged,
    ask,
    handler,
    fail: (error: Error) => {
      fault = error
    },
  }
}

const SWITCH = ['PUT', '/flags/analytics', '{"value":"off"}'] as const
const WHO = 'omar@example.com (omar)'

describe('an operation', () => {
  it('is recorded before it is done, with who asked for it', async () => {
    const { ask, done } = world()
    expect(await ask(...SWITCH)).toEqual({ statusCode: 200, body: { done: true } })
    expect(done).toEqual([`${WHO}: flag analytics off`, 'set analytics off'])
  })

  it('that fails is recorded as not done, logged, and answered without its cause', async () => {
    const { ask, done, logged, fail } = world()
    fail(new Error('AccessDenied: arn:aws:iam::123456789012:role/operator'))
    const { statusCode, body } = await ask(...SWITCH)
    expect([statusCode, body.type]).toEqual([500, 'urn:tickstock:internal'])
    expect(JSON.stringify(body)).not.toContain('123456789012')
    expect(done).toEqual([`${WHO}: flag analytics off`, `${WHO}: not done: flag analytics off`])
    expect(logged).toEqual(['an operation failed'])
  })

  it.each(['viewer', 'program', 'Operator', ''])(
    'is refused to the role "%s", and leaves no record',
    async (role) => {
      const { ask, done } = world()
      const { statusCode, body } = await ask(...SWITCH, role)
      expect([statusCode, body.type]).toEqual([403, 'urn:tickstock:not-an-operator'])
      expect(done).toEqual([])
    },
  )

  it('on a flag that the stage does not have names those that it has', async () => {
    const { ask, done } = world()
    const { statusCode, body } = await ask('PUT', '/flags/archive', '{"value":"off"}')
    expect([statusCode, body.detail]).toEqual([404, 'This stage has no flag archive, only analytics.'])
    expect(done).toEqual([])
  })

  it.each(['__proto__', 'constructor', 'toString'])('is not found where its path is "/%s"', async (path) => {
    expect(await world().ask('GET', `/${path}`, null)).toMatchObject({ statusCode: 404 })
  })

  it('without the authorizer before it is a fault', async () => {
    const event = { httpMethod: 'GET', path: '/v1/operations/system', body: null, requestContext: {} }
    await expect(world().handler(event)).rejects.toThrow('authorizer')
  })
})

it('the system is read by viewers', async () => {
  const { statusCode, body } = await world().ask('GET', '/system', null, 'viewer')
  expect(statusCode).toBe(200)
  expect(body.flags).toEqual([{ name: 'analytics', value: 'on', about: expect.any(String) }])
})
