import { ScanCommand } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

import type { Caller } from '../../../functions/authorizer/caller.ts'
import { createTickets, type Tickets } from '../../../functions/authorizer/tickets.ts'
import { startTestDynamodb, type TestDynamodb } from '../../support/test-dynamodb.ts'

const ANN: Caller = { principal: 'ann', role: 'viewer', usageKey: 'the-key-of-people' }

let dynamodb: TestDynamodb
let table: string
let now: number
let tickets: Tickets

beforeAll(async () => {
  dynamodb = await startTestDynamodb()
})

beforeEach(async () => {
  now = Date.parse('2025-11-10T12:00:00Z')
  table = await dynamodb.createTable('ticket')
  tickets = createTickets(dynamodb.client, table, () => now)
})

afterAll(() => dynamodb.remove())

describe('a ticket', () => {
  it('is of the caller for whom it was made', async () => {
    const omar: Caller = { ...ANN, principal: 'omar', role: 'operator' }
    const [first, second] = [await tickets.issue(ANN), await tickets.issue(omar)]
    expect([await tickets.use(second), await tickets.use(first)]).toEqual([omar, ANN])
  })

  it('can be used once, whoever is faster', async () => {
    const ticket = await tickets.issue(ANN)
    const uses = await Promise.all(Array.from({ length: 20 }, () => tickets.use(ticket)))
    expect(uses.filter((caller) => caller !== undefined)).toEqual([ANN])
    expect(await tickets.use(ticket)).toBeUndefined()
  })

  it('is valid for 30 s', async () => {
    const [inTime, late] = [await tickets.issue(ANN), await tickets.issue(ANN)]
    now += 30_000
    expect(await tickets.use(inTime)).toEqual(ANN)
    now += 1000
    expect(await tickets.use(late)).toBeUndefined()
  })

  it('cannot be forged, nor taken from the table', async () => {
    const ticket = await tickets.issue(ANN)
    const { Items = [] } = await dynamodb.client.send(new ScanCommand({ TableName: table }))
    const stored = Items[0]?.['ticket']?.S ?? ''
    expect(JSON.stringify(Items)).not.toContain(ticket)
    for (const forged of [stored, ticket.replace(/.$/, ''), `${ticket}x`, '', 'A'.repeat(43)])
      expect(await tickets.use(forged)).toBeUndefined()
    expect(await tickets.use(ticket)).toEqual(ANN)
  })
})
