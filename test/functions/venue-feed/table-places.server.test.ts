import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { TablePlaces } from '../../../functions/venue-feed/table-places.ts'
import { eventually } from '../../support/eventually.ts'
import { startTestDynamodb, type TestDynamodb } from '../../support/test-dynamodb.ts'

let dynamodb: TestDynamodb
const reports: string[] = []

beforeAll(async () => {
  dynamodb = await startTestDynamodb()
})
afterAll(() => dynamodb.remove())

const open = (table: string, options: { readonly venue?: string; readonly now?: () => number } = {}) =>
  TablePlaces.open({
    client: dynamodb.client,
    table,
    venue: 'kraken',
    report: (text) => reports.push(text),
    ...options,
  })
const place = (id: number) => ({ id, timestamp: String(id) })

describe('the places of a venue in the table', () => {
  it('are there for the next task, of the venue alone', async () => {
    const table = await dynamodb.createTable('venue', 'symbol')
    const first = await open(table)
    expect(first.read()).toEqual(new Map())
    const places = new Map<string, ReturnType<typeof place> | { keys: string[]; timestamp: string }>([
      ['BTC/USD', place(7)],
      ['ETH/USD', { keys: ['D 5'], timestamp: '1.5' }],
    ])
    first.write(places)
    await first.flush()
    expect((await open(table)).read()).toEqual(places)
    expect((await open(table, { venue: 'coinbase' })).read()).toEqual(new Map())
  })

  it('never go back, whichever of two tasks writes', async () => {
    const table = await dynamodb.createTable('venue', 'symbol')
    const [one, other] = [await open(table), await open(table)]
    one.write(new Map([['A', place(9)]]))
    await one.flush()
    other.write(new Map([['A', place(8)]]))
    await other.flush()
    expect((await open(table)).read().get('A')).toEqual(place(9))
    other.write(new Map([['A', place(10)]]))
    await other.flush()
    expect((await open(table)).read().get('A')).toEqual(place(10))
    expect(reports).toEqual([])
  })

  it('are written every ten seconds, and the latest at the end', async () => {
    const table = await dynamodb.createTable('venue', 'symbol')
    let now = 0
    const places = await open(table, { now: () => now })
    places.write(new Map([['A', place(1)]]))
    await eventually('the first', async () => (await open(table)).read().get('A') !== undefined)
    now = 9999
    places.write(new Map([['A', place(2)]]))
    expect((await open(table)).read().get('A')).toEqual(place(1))
    await places.flush()
    expect((await open(table)).read().get('A')).toEqual(place(2))
  })

  it('that cannot be written are reported, and written later', async () => {
    const places = await open(await dynamodb.createTable('venue', 'symbol'))
    const gone = await TablePlaces.open({
      client: dynamodb.client,
      table: await dynamodb.createTable('venue'),
      venue: 'kraken',
      report: (text) => reports.push(text),
    })
    places.write(new Map())
    gone.write(new Map([['A', { id: Number.MAX_SAFE_INTEGER, timestamp: 'x'.repeat(500_000) }]]))
    await gone.flush()
    expect(reports.join()).toContain('kraken: the place of A cannot be written yet')
  })
})
