import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { ENDPOINTS } from '../../../functions/api/endpoints.ts'
import examples from '../../../functions/api/examples.json' with { type: 'json' }
import { writeExampleData } from './example-data.ts'
import { type ApiHarness, startApi } from './harness.ts'

let api: ApiHarness

beforeAll(async () => {
  api = await startApi()
  await writeExampleData(api)
})
afterAll(() => api.close())

describe('the examples of the OpenAPI document', () => {
  it('have one for each endpoint', () => {
    expect(Object.keys(examples).toSorted()).toEqual(ENDPOINTS.map(({ path }) => path).toSorted())
  })

  it.each(Object.entries(examples))('of %s is what the API answers', async (path, { parameters, answer }) => {
    const given = new Map<string, string>(Object.entries(parameters))
    const address = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
      const value = given.get(name) ?? ''
      given.delete(name)
      return value
    })
    const query = new URLSearchParams([...given]).toString()
    const { status, json } = await api.get(`${address}?${query}`)
    expect([status, json]).toEqual([200, answer])
  })
})
