import { describe, expect, it } from 'vitest'

import { routeOf, selectRoute, type WebSocketApi } from './web-socket-api.ts'

function api(
  keys: readonly string[],
  { selectionPath = ['action'], routeResponses = new Set<string>() } = {},
): WebSocketApi {
  return {
    id: 'api',
    selectionPath,
    keySource: 'HEADER',
    authorizers: new Map(),
    integrations: new Map(),
    routes: new Map(
      keys.map((key) => [
        `id of ${key}`,
        {
          key,
          apiKeyRequired: false,
          authorizer: undefined,
          integration: { functionName: 'f', timeoutMs: 1 },
          selectsResponse: key !== 'silent',
        },
      ]),
    ),
    routeResponses,
  }
}

const all = ['$connect', '$disconnect', '$default', 'post', '7', 'true']

describe('selectRoute', () => {
  it.each([
    ['{"action":"post"}', 'post'],
    ['{"action":7}', '7'],
    ['{"action":true}', 'true'],
    ['{"action":"other"}', '$default'],
    ['{"action":null}', '$default'],
    ['{"action":["post"]}', '$default'],
    ['{"Action":"post"}', '$default'],
    ['{"action":"$default"}', '$default'],
    ['{"action":"$connect"}', '$default'],
    ['{"action":"$disconnect"}', '$default'],
    ['"post"', '$default'],
    ['post', '$default'],
    ['', '$default'],
  ])('takes %s to %s', (message, key) => {
    expect(selectRoute(api(all), message)?.key).toBe(key)
  })

  it('gives none where nothing matches and there is no $default', () => {
    expect(selectRoute(api(['$connect', '$disconnect', 'undefined']), '{}')).toBeUndefined()
    expect(selectRoute(api(['$connect', '$disconnect']), '{"action":"$connect"}')).toBeUndefined()
  })

  it('follows a longer path', () => {
    const deep = api(['post'], { selectionPath: ['a', 'b'] })
    expect(selectRoute(deep, '{"a":{"b":"post"}}')?.key).toBe('post')
    expect(selectRoute(deep, '{"a":"post"}')).toBeUndefined()
    expect(selectRoute(api(['post'], { selectionPath: ['constructor', 'name'] }), '{}')).toBeUndefined()
  })
})

describe('routeOf', () => {
  it('responds only with a route response and an expression that selects it', () => {
    const both = api(['post', 'silent', 'other'], { routeResponses: new Set(['id of post', 'id of silent']) })
    expect(['post', 'silent', 'other'].map((key) => routeOf(both, key)?.responds)).toEqual([
      true,
      false,
      false,
    ])
  })
})
