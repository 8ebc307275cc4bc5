import { createHash, randomBytes } from 'node:crypto'

import { DeleteItemCommand, type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb'
import * as z from 'zod'

import { type Caller, ROLES } from './caller.ts'

/** How long a ticket is valid. */
export const TICKET_SECONDS = 30

/** Single-use tickets, each for one WebSocket connection. */
export type Tickets = {
  /** Makes a ticket for a caller. */
  readonly issue: (caller: Caller) => Promise<string>
  /** Whose ticket it is; undefined if there is none, it was used, or it is too old. From then on it is used. */
  readonly use: (ticket: string) => Promise<Caller | undefined>
}

const itemSchema = z.object({
  principal: z.object({ S: z.string() }),
  role: z.object({ S: z.enum([...ROLES, 'program']) }),
  usageKey: z.object({ S: z.string() }),
})
const SHAPE = /^[\w-]{43}$/

/**
 * Tickets in a table, under their hash: who reads the table can use none. DynamoDB deletes an item at most once, which makes
 * a ticket single-use whatever the number of functions; expired items are deleted by the table's time to live.
 *
 * @param now Unix milliseconds
 */
export function createTickets(
  client: Pick<DynamoDBClient, 'send'>,
  table: string,
  now: () => number,
): Tickets {
  const keyOf = (ticket: string) => ({
    ticket: { S: createHash('sha256').update(ticket).digest('base64url') },
  })
  return {
    issue: async ({ principal, role, usageKey }) => {
      const ticket = randomBytes(32).toString('base64url')
      const expiresAt = Math.floor(now() / 1000) + TICKET_SECONDS
      await client.send(
        new PutItemCommand({
          TableName: table,
          Item: {
            ...keyOf(ticket),
            principal: { S: principal },
            role: { S: role },
            usageKey: { S: usageKey },
            expiresAt: { N: String(expiresAt) },
          },
        }),
      )
      return ticket
    },
    use: async (ticket) => {
      if (!SHAPE.test(ticket)) return undefined
      try {
        const { Attributes } = await client.send(
          new DeleteItemCommand({
            TableName: table,
            Key: keyOf(ticket),
            // Time to live deletes within days, not at the second.
            ConditionExpression: 'expiresAt >= :now',
            ExpressionAttributeValues: { ':now': { N: String(Math.floor(now() / 1000)) } },
            ReturnValues: 'ALL_OLD',
          }),
        )
        const { principal, role, usageKey } = itemSchema.parse(Attributes)
        return { principal: principal.S, role: role.S, usageKey: usageKey.S }
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return undefined
        throw error
      }
    },
  }
}
