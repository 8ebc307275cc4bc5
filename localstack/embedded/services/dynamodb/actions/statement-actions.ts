import * as z from 'zod'
import { DynamodbError, type DynamodbErrorType, invalid, throttled } from '../errors.ts'
import { parseStatement } from '../partiql/parse-statement.ts'
import { selectItem, writeOfStatement } from '../partiql/run-statement.ts'
import type { Statement } from '../partiql/statement.ts'
import type { Table } from '../store/table-catalog.ts'
import { type Item, type AttributeValue } from '../values/attribute-value.ts'
import { checkedValue } from '../values/checked-value.ts'
import { sizeOfItem } from '../values/size.ts'
import { action, type ActionContext } from './action.ts'
import { refuseDoubleWrites } from './batch-actions.ts'
import { addUnits, consumed, consumedByTable, readUnits, type Units, writeUnits } from './capacity.ts'
import { consumedCapacity, onConditionFailure } from './fields.ts'
import { applyWrite, type ItemWrite, planWrite, writeItem } from './write-item.ts'

const MOST = 25

const parameters = z
  .array(z.unknown())
  .min(1)
  .transform((given): AttributeValue[] => given.map((each) => checkedValue(each)))
  .optional()

const statementFields = {
  Statement: z.string().min(1),
  Parameters: parameters,
  ConsistentRead: z.boolean().default(false),
  ...onConditionFailure,
}

type GivenStatement = z.output<z.ZodObject<typeof statementFields>>

const executeStatement = action(
  z.strictObject({ ...statementFields, ...consumedCapacity }),
  (context, request) => {
    const statement = parseStatement(request.Statement, request.Parameters)
    const detail = request.ReturnConsumedCapacity
    if (statement.kind === 'select') {
      const { table, item, shown } = selectItem(context, statement)
      const unitsOf = () => ({ table: readUnits(item ? sizeOfItem(item) : 0, request.ConsistentRead) })
      return { Items: shown ? [shown] : [], ...consumed(table, detail, unitsOf) }
    }
    const write = writeOfStatement(context, statement, showing(request))
    const written = writeItem(context.store, write)
    return { Items: [], ...consumed(write.table, detail, () => writeUnits(write.table, written)) }
  },
)

/** What one statement of a batch came to. */
type Response = {
  readonly TableName?: string
  readonly Item?: Item
  readonly Error?: { readonly Code: string; readonly Message: string; readonly Item?: Item }
}

/** A batch is no transaction: each statement succeeds or fails by itself. */
const batchExecuteStatement = action(
  z.strictObject({
    Statements: z.array(z.strictObject(statementFields)).min(1).max(MOST),
    ...consumedCapacity,
  }),
  (context, request) => {
    const parsed = request.Statements.map((given) =>
      tried(() => {
        if (context.throttles()) throw throttled()
        return parseStatement(given.Statement, given.Parameters)
      }),
    )
    const kinds = new Set(parsed.map((each) => ('value' in each ? each.value.kind === 'select' : undefined)))
    if (kinds.has(true) && kinds.has(false))
      throw invalid('Batch must contain either only reads or only writes, not both')
    const used = request.ReturnConsumedCapacity === 'NONE' ? undefined : new Map<Table, Units>()
    const responses = kinds.has(true)
      ? parsed.map((each, index) => readOne(context, each, request.Statements[index], used))
      : writeAll(context, parsed, request.Statements, used)
    return { Responses: responses, ...(used && consumedByTable(request.ReturnConsumedCapacity, used)) }
  },
)

type Tried<Value> = { readonly value: Value } | { readonly error: DynamodbError }

function tried<Value>(work: () => Value): Tried<Value> {
  try {
    return { value: work() }
  } catch (error) {
    if (error instanceof DynamodbError) return { error }
    throw error
  }
}

function readOne(
  context: ActionContext,
  parsed: Tried<Statement>,
  given: GivenStatement | undefined,
  used: Map<Table, Units> | undefined,
): Response {
  if ('error' in parsed) return failed(parsed.error)
  const { value: statement } = parsed
  if (statement.kind !== 'select') return {}
  const selected = tried(() => selectItem(context, statement))
  if ('error' in selected) return failed(selected.error, statement.table)
  const { table, item, shown } = selected.value
  if (used)
    addUnits(used, table, { table: readUnits(item ? sizeOfItem(item) : 0, given?.ConsistentRead ?? false) })
  return { TableName: table.name, ...(shown && { Item: shown }) }
}

function writeAll(
  context: ActionContext,
  parsed: readonly Tried<Statement>[],
  given: readonly GivenStatement[],
  used: Map<Table, Units> | undefined,
): readonly Response[] {
  const { store } = context
  const writes = parsed.map((each, index): Tried<ItemWrite> => {
    if ('error' in each) return each
    const { value: statement } = each
    if (statement.kind === 'select') throw new TypeError('reads and writes were told apart before')
    return tried(() => writeOfStatement(context, statement, showing(given[index])))
  })
  refuseDoubleWrites(
    writes.flatMap((each) => ('value' in each ? [each.value] : [])),
    'Batch contains several statements for one item',
  )
  return store.atomically(() =>
    writes.map((each): Response => {
      if ('error' in each) return failed(each.error)
      const { value: write } = each
      const planned = tried(() => planWrite(store, write))
      if ('error' in planned) return failed(planned.error, write.table.name)
      applyWrite(store, write, planned.value)
      if (used) addUnits(used, write.table, writeUnits(write.table, planned.value))
      return { TableName: write.table.name }
    }),
  )
}

function showing(given: GivenStatement | undefined): { readonly showsItem: boolean } {
  return { showsItem: given?.ReturnValuesOnConditionCheckFailure === 'ALL_OLD' }
}

const CODES: Partial<Record<DynamodbErrorType, string>> = {
  ConditionalCheckFailedException: 'ConditionalCheckFailed',
  DuplicateItemException: 'DuplicateItem',
  ProvisionedThroughputExceededException: 'ProvisionedThroughputExceeded',
  ResourceNotFoundException: 'ResourceNotFound',
  ValidationException: 'ValidationError',
}

function failed({ type, message, details }: DynamodbError, table?: string): Response {
  return {
    ...(table !== undefined && { TableName: table }),
    Error: {
      Code: CODES[type] ?? 'InternalServerError',
      Message: message,
      ...(details.Item && { Item: details.Item }),
    },
  }
}

export const statementActions = {
  BatchExecuteStatement: batchExecuteStatement,
  ExecuteStatement: executeStatement,
}
