import { describe, expect, it } from 'vitest'

import { ALERTS_PATHS } from '../../../functions/api/alerts-paths.ts'
import { docsPage } from '../../../functions/api/docs-page.ts'
import { ENDPOINTS } from '../../../functions/api/endpoints.ts'
import { describeApi } from '../../../functions/api/open-api.ts'

const document = describeApi(ENDPOINTS)

describe('the OpenAPI document', () => {
  it('has every endpoint with every parameter', () => {
    for (const { path, parameters } of ENDPOINTS) {
      const described = (document.paths?.[path]?.get?.parameters ?? []).map((each) =>
        'name' in each ? each.name : '',
      )
      expect(described.toSorted()).toEqual(Object.keys(parameters.shape).toSorted())
    }
    expect(Object.keys(document.paths ?? {})).toHaveLength(14 + 3 + 5)
  })

  it('has the jobs of the part that answers for them', () => {
    const { paths = {} } = document
    const methods = Object.entries(paths).flatMap(([path, item]) =>
      path.startsWith('/v1/jobs') ? Object.keys(item).map((method) => `${method} ${path}`) : [],
    )
    expect(methods.toSorted()).toEqual([
      'delete /v1/jobs/{id}',
      'get /v1/jobs',
      'get /v1/jobs/{id}',
      'post /v1/jobs',
      'post /v1/jobs/{id}/retry',
    ])
    expect(paths['/v1/jobs']?.post?.requestBody).toMatchObject({
      content: {
        'application/json': {
          schema: {
            anyOf: [{ required: ['symbols', 'from'] }, { required: ['type', 'symbols', 'from', 'format'] }],
          },
        },
      },
    })
  })

  it('has the alerts of the part that answers for them', () => {
    const methods = ALERTS_PATHS.map(({ method, path }) => `${method} ${path}`)
    expect(methods.toSorted()).toEqual([
      'delete /v1/alerts/{id}',
      'get /v1/alerts',
      'get /v1/alerts/firings',
      'get /v1/alerts/{id}',
      'post /v1/alerts',
      'post /v1/alerts/firings/{id}/retry',
      'post /v1/alerts/{id}/test',
    ])
    expect(document.paths?.['/v1/alerts']?.post?.requestBody).toMatchObject({
      content: { 'application/json': { schema: { required: ['condition', 'to'] } } },
    })
  })

  it('says which parameters are needed and what they may be', () => {
    expect(document.paths?.['/v1/bars']?.get?.parameters).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ name: 'symbols', in: 'query', required: true }),
        expect.objectContaining({
          name: 'timeframe',
          schema: expect.objectContaining({
            default: '1Min',
            pattern: expect.stringContaining('Month'),
          }),
        }),
        expect.objectContaining({
          name: 'limit',
          schema: expect.objectContaining({
            anyOf: [expect.objectContaining({ maximum: 10_000 }), { type: 'string', enum: ['all'] }],
          }),
        }),
      ]),
    )
  })
})

describe('the page', () => {
  it('shows every endpoint and needs nothing from elsewhere', async () => {
    const page = String(await docsPage(document))
    for (const { path } of ENDPOINTS) expect(page).toContain(`GET ${path}`)
    expect(page).toContain('DELETE /v1/jobs/{id}')
    // Of an example of a webhook.
    const own = page.replaceAll('https://example.com/alerts', '')
    expect(own).not.toMatch(/https?:|<script|@import|url\(/)
  })
})
