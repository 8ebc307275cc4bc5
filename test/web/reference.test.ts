import fc from 'fast-check'
import { describe as suite, expect, it } from 'vitest'

import { ENDPOINTS } from '../../functions/api/endpoints.ts'
import { describeApi } from '../../functions/api/open-api.ts'
import { buildRequest, curlOf } from '../../web/src/reference/build-request.ts'
import { describe, openApiSchema, type Operation } from '../../web/src/reference/description.ts'
import { indentJson } from '../../web/src/reference/indent-json.ts'
import { fieldsOf, typeText } from '../../web/src/reference/json-schema.ts'

const document: unknown = JSON.parse(JSON.stringify(describeApi(ENDPOINTS)))
const { operations, components } = describe(openApiSchema.parse(document))

function operation(id: string): Operation {
  const found = operations.find((one) => one.id === id)
  if (found === undefined) throw new Error(`there is no operation ${id}`)
  return found
}

/** The example of an operation, as the page fills it in. */
const exampleOf = ({ parameters, body }: Operation) => ({
  parameters: Object.fromEntries(parameters.map(({ name, example = '' }) => [name, example])),
  body: JSON.stringify(body?.example),
  accept: 'application/json' as const,
})

suite('the description of the API', () => {
  it('has all operations by tag, each with an example that can be sent and what came of it', () => {
    expect([...new Set(operations.map(({ tag }) => tag))]).toEqual(
      expect.arrayContaining(['bars', 'indicators', 'patterns', 'jobs', 'health']),
    )
    expect(operations).toHaveLength(ENDPOINTS.length + 5 + 7)
    for (const each of operations) {
      expect([each.id, buildRequest(each, exampleOf(each)).type]).toEqual([each.id, 'request'])
      expect([each.id, each.answer?.example]).toEqual([each.id, expect.any(Object)])
    }
  })

  it('has the fields of an answer, with their types in words', () => {
    const { answer } = operation('get /v1/bars/{symbol}')
    const fields = fieldsOf(answer?.schema ?? {}, components)
    expect(fields.slice(0, 3)).toEqual([
      expect.objectContaining({ name: 'symbol', depth: 0, type: 'text', isRequired: true }),
      expect.objectContaining({ name: 'bars', depth: 0, type: 'list of object' }),
      expect.objectContaining({ name: 't', depth: 1, type: 'text', description: "The bar's start" }),
    ])
    expect(fields).toContainEqual(
      expect.objectContaining({ name: 'vw', depth: 1, type: 'number or text or null' }),
    )
    expect(fields).toContainEqual(expect.objectContaining({ name: 'h', description: 'High' }))
    expect(typeText({ enum: ['asc', 'desc'] }, components)).toBe('asc | desc')
  })
})

suite('a request', () => {
  it('has what was filled in, in path and query', () => {
    const built = buildRequest(operation('get /v1/bars/{symbol}'), {
      parameters: { symbol: 'BRK/B', start: '2025-11-10T09:30:00-05:00', limit: '', tz: 'America/New_York' },
      body: '',
      accept: 'text/csv',
    })
    const request = {
      method: 'GET',
      path: '/v1/bars/BRK%2FB?tz=America/New_York&start=2025-11-10T09:30:00-05:00',
      accept: 'text/csv',
      body: undefined,
    } as const
    expect(built).toEqual({ type: 'request', request })
    expect(curlOf(request, 'https://api.example')).toBe(
      `curl -H "x-api-key: $KEY" -H 'accept: text/csv' 'https://api.example${request.path}'`,
    )
  })

  it('is refused without what it needs', () => {
    const nothing = { parameters: {}, body: '{', accept: 'application/json' } as const
    expect(buildRequest(operation('get /v1/bars'), nothing)).toEqual({
      type: 'incomplete',
      faults: ['symbols is needed'],
    })
    expect(buildRequest(operation('post /v1/jobs'), nothing)).toEqual({
      type: 'incomplete',
      faults: [expect.stringMatching(/^the body is not JSON: /)],
    })
  })

  it('of any text asks for that text', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), (text) => {
        const built = buildRequest(operation('get /v1/bars'), {
          parameters: { symbols: text },
          body: '',
          accept: 'application/json',
        })
        const path = built.type === 'request' ? built.request.path : ''
        expect(new URL(path, 'https://a').searchParams.get('symbols')).toBe(text)
      }),
    )
  })

  it('with a body is one argument of a shell, whatever is in it', () => {
    const body = `{"symbols":["it's $HOME"]}`
    const request = { method: 'POST', path: '/v1/jobs', accept: 'application/json', body } as const
    expect(curlOf(request, 'https://a')).toBe(
      `curl -X POST -H "x-api-key: $KEY" -H 'content-type: application/json' -d '{"symbols":["it'\\''s $HOME"]}' 'https://a/v1/jobs'`,
    )
  })
})

suite('the layout of JSON', () => {
  it('keeps every token as it is', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(JSON.parse(indentJson(text))).toEqual(JSON.parse(text))
      }),
    )
    const exact = '{"vw":150.12345678901234567890,"e":1.0E+2}'
    expect(indentJson(exact)).toBe('{"vw": 150.12345678901234567890, "e": 1.0E+2}')
  })

  it('has a line for each object that has no other in it', () => {
    expect(indentJson('{"bars":{"AAPL":[{"t":"x","c":1.50},{"t":"y, {z","c":2}]},"next":null}')).toBe(
      [
        '{',
        '  "bars": {',
        '    "AAPL": [',
        '      {"t": "x", "c": 1.50},',
        '      {"t": "y, {z", "c": 2}',
        '    ]',
        '  },',
        '  "next": null',
        '}',
      ].join('\n'),
    )
  })
})
