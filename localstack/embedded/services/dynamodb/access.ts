import * as z from 'zod'
import type { Access } from '../../access.ts'
import { denied, operationOf, parsedJson } from '../../http/json-service.ts'
import type { EndpointAccess } from '../../service.ts'
import { actionOfStatement } from './partiql/action-of-statement.ts'

const table = z.object({ TableName: z.string(), IndexName: z.string().optional() })
const byTable = z.object({ RequestItems: z.record(z.string(), z.unknown()) })
const transaction = z.object({ TransactItems: z.array(z.record(z.string(), table)) })
const statement = z.object({ Statement: z.string() })
const statements = z.union([
  z.object({ Statements: z.array(statement) }).transform(({ Statements }) => Statements),
  z
    .object({ TransactStatements: z.array(statement) })
    .transform(({ TransactStatements }) => TransactStatements),
  statement.transform((one) => [one]),
])

/** The actions that IAM has for the parts of a transaction. */
const PART_ACTIONS: Readonly<Record<string, string>> = {
  Get: 'GetItem',
  Put: 'PutItem',
  Update: 'UpdateItem',
  Delete: 'DeleteItem',
  ConditionCheck: 'ConditionCheckItem',
}

type Named = { readonly action: string; readonly table: string }

/**
 * What requests to DynamoDB need: on each table, the action that is named as the operation, or those of its parts.
 * @param arnOf the ARN of a table, by its name
 */
export function dynamodbAccess(arnOf: (table: string) => string): EndpointAccess {
  return {
    needed: ({ headers, body }): readonly Access[] => {
      const operation = operationOf(headers)
      if (operation === 'ListTables') return [{ action: 'dynamodb:ListTables', resource: '*' }]
      const wanted = new Map(
        namedBy(operation, body).map(({ action, table: name }) => [
          `${action} ${name}`,
          { action: `dynamodb:${action}`, resource: name.startsWith('arn:') ? name : arnOf(name) },
        ]),
      )
      return [...wanted.values()]
    },
    deny: (message) =>
      denied(message, {
        type: 'com.amazon.coral.service#AccessDeniedException',
        contentType: 'application/x-amz-json-1.0',
      }),
  }
}

function namedBy(operation: string, body: Buffer): readonly Named[] {
  if (operation === 'TransactWriteItems' || operation === 'TransactGetItems')
    return (parsedJson(transaction, body)?.TransactItems ?? []).flatMap((item) =>
      Object.entries(item).map(([part, { TableName }]) => ({
        action: PART_ACTIONS[part] ?? part,
        table: TableName,
      })),
    )
  if (operation === 'BatchGetItem' || operation === 'BatchWriteItem')
    return Object.keys(parsedJson(byTable, body)?.RequestItems ?? {}).map((name) => ({
      action: operation,
      table: name,
    }))
  if (/Execute(Statement|Transaction)$/.test(operation))
    return (parsedJson(statements, body) ?? []).flatMap((one) => actionOfStatement(one.Statement) ?? [])
  const named = parsedJson(table, body)
  if (named === undefined) return []
  const index = named.IndexName === undefined ? '' : `/index/${named.IndexName}`
  return [{ action: operation, table: `${named.TableName}${index}` }]
}
