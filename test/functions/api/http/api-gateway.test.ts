import { describe, expect, it } from 'vitest'

import { serveEvents } from '../../../../functions/api/http/api-gateway.ts'

const echo = serveEvents({
  fetch: (request) =>
    Response.json({ method: request.method, url: request.url, headers: Object.fromEntries(request.headers) }),
})
const arrivals = serveEvents({ fetch: ({ url }, arrival) => Response.json({ ...arrival, url }) })

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

describe('the address of the API', () => {
  const ask = async (path: string, requestContext: Readonly<Record<string, string>>) => {
    const event = {
      httpMethod: 'GET',
      path,
      multiValueQueryStringParameters: null,
      multiValueHeaders: { 'X-Forwarded-Proto': ['https'] },
      requestContext: { requestId: 'id', ...requestContext },
    }
    return JSON.parse((await arrivals(event)).body)
  }

  it('ends with the stage, but at a domain of its own', async () => {
    const path = '/v2/aggs/ticker/AAPL/prev'
    const domainName = 'abc.execute-api.eu-central-1.amazonaws.com'
    expect(await ask(path, { stage: 'prod', path: `/prod${path}`, domainName })).toEqual({
      requestId: 'id',
      base: `https://${domainName}/prod`,
      url: `https://api${path}`,
    })
    const own = { stage: 'prod', path, domainName: 'bars.example.com' }
    expect(await ask(path, own)).toMatchObject({ base: 'https://bars.example.com' })
  })

  it('is the same where a client has put the path of a page, with its stage, behind it', async () => {
    const path = '/prod/v2/aggs/ticker/AAPL/prev'
    const context = { stage: 'prod', path: `/prod${path}`, domainName: 'abc.example' }
    expect(await ask(path, context)).toMatchObject({
      base: 'https://abc.example/prod',
      url: 'https://api/v2/aggs/ticker/AAPL/prev',
    })
  })
})

it.each([{}, { Records: [] }])('refuses %j, which is no proxy event', async (event) => {
  await expect(echo(event)).rejects.toThrow('httpMethod')
})
