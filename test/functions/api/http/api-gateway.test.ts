import { expect, it } from 'vitest'

import { serveEvents } from '../../../../functions/api/http/api-gateway.ts'

const echo = serveEvents({
  fetch: (request) =>
    Response.json({ method: request.method, url: request.url, headers: Object.fromEntries(request.headers) }),
})

it('passes on method, path, every value of the query and the headers', async () => {
  const { body, ...rest } = await echo({
    httpMethod: 'GET',
    path: '/v1/bars/BTC%2FUSD',
    multiValueQueryStringParameters: { limit: ['1', '2'], start: ['2025-11-10T09:30:00-05:00'] },
    multiValueHeaders: { Accept: ['text/csv'] },
  })
  expect(rest).toEqual({ statusCode: 200, headers: { 'content-type': 'application/json' } })
  expect(JSON.parse(body)).toEqual({
    method: 'GET',
    url: 'https://api/v1/bars/BTC%2FUSD?limit=1&limit=2&start=2025-11-10T09%3A30%3A00-05%3A00',
    headers: { accept: 'text/csv' },
  })
})

it('takes a question mark in the path for a part of a name, and drops headers that are none', async () => {
  const { body } = await echo({
    httpMethod: 'GET',
    path: '/v1/bars/A?B#C',
    multiValueQueryStringParameters: null,
    multiValueHeaders: { 'X-Odd': ['schön\n'] },
  })
  expect(JSON.parse(body)).toEqual({ method: 'GET', url: 'https://api/v1/bars/A%3FB%23C', headers: {} })
})

it.each([{}, { Records: [] }])('refuses %j, which is no proxy event', async (event) => {
  await expect(echo(event)).rejects.toThrow('httpMethod')
})
