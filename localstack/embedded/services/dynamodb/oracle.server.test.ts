import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import dynalite from 'dynalite'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { startDynamodb } from './dynamodb.ts'
import type { AttributeValue } from './values/attribute-value.ts'

/**
 * The same requests to this store and to dynalite, another implementation, must have the same answers: items, attributes,
 * counts, and the kind of an error.
 */
const servers: { readonly endpoint: string; readonly close: () => Promise<unknown> }[] = []
const addressSchema = z.object({ port: z.int() })
const answerSchema = z.record(z.string(), z.unknown())
const responsesSchema = z.record(z.string(), z.array(z.record(z.string(), z.unknown())))
const folder = mkdtempSync(join(tmpdir(), 'embedded-'))

beforeAll(async () => {
  servers.push(await startDynamodb(folder, 'us-east-1'))
  const peer = dynalite({ createTableMs: 0, updateTableMs: 0, deleteTableMs: 0 }).listen(0, '127.0.0.1')
  await once(peer, 'listening')
  const { port } = addressSchema.parse(peer.address())
  servers.push({
    endpoint: `http://127.0.0.1:${port}`,
    close: () => {
      peer.closeAllConnections()
      return new Promise((resolve) => peer.close(resolve))
    },
  })
})

afterAll(async () => {
  for (const { close } of servers) await close()
  rmSync(folder, { recursive: true, force: true })
})

/** What a server answers; an error by its type. */
async function call(endpoint: string, operation: string, input: object): Promise<Record<string, unknown>> {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `DynamoDB_20120810.${operation}`,
      'x-amz-date': '20120810T000000Z',
      authorization: 'AWS4-HMAC-SHA256 Credential=test, SignedHeaders=host, Signature=none',
    },
    body: JSON.stringify(input),
  })
  const answer = answerSchema.parse(await response.json())
  const { __type: type } = answer
  if (typeof type === 'string') return { error: type.slice(type.indexOf('#') + 1) }
  // No attributes, as an empty map or left out.
  const { Attributes: attributes, ...others } = answer
  return Object.keys(attributes ?? {}).length === 0 ? others : answer
}

let tables = 0

/** Makes an empty table with a partition key `p`, a sort key `s` and indexes in both, and gives its name. */
async function newTable(): Promise<string> {
  const TableName = `table-${++tables}`
  const table = {
    TableName,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [
      { AttributeName: 'p', AttributeType: 'S' },
      { AttributeName: 's', AttributeType: 'N' },
      { AttributeName: 'g', AttributeType: 'N' },
    ],
    KeySchema: [
      { AttributeName: 'p', KeyType: 'HASH' },
      { AttributeName: 's', KeyType: 'RANGE' },
    ],
    GlobalSecondaryIndexes: [
      {
        IndexName: 'by-g',
        KeySchema: [{ AttributeName: 'g', KeyType: 'HASH' }],
        Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['a'] },
      },
    ],
    LocalSecondaryIndexes: [
      {
        IndexName: 'by-p-g',
        KeySchema: [
          { AttributeName: 'p', KeyType: 'HASH' },
          { AttributeName: 'g', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'ALL' },
      },
    ],
  }
  for (const { endpoint } of servers) {
    await call(endpoint, 'CreateTable', table)
    await expect
      .poll(() => call(endpoint, 'DescribeTable', { TableName }), { interval: 5 })
      .toMatchObject({ Table: { TableStatus: 'ACTIVE' } })
  }
  return TableName
}

/** What both answer, which must be the same. */
async function expectSame(operation: string, input: object): Promise<Record<string, unknown>> {
  const [own, peer] = await Promise.all(servers.map(({ endpoint }) => call(endpoint, operation, input)))
  expect(plain(own)).toEqual(plain(peer))
  return own ?? {}
}

/** Sets, and the items of a scan, in an order that both share. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, each]) => each !== undefined)
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, each]) => {
        const inner = plain(each)
        return [
          name,
          /^(SS|NS|BS)$/.test(name) && Array.isArray(inner) ? inner.map(String).toSorted() : inner,
        ]
      }),
  )
}

/** Up to so many digits, at so many places before or behind the point. */
function numbersOf({ digits, places }: { readonly digits: bigint; readonly places: number }) {
  const most = 10n ** digits
  return fc.oneof(
    fc.constantFrom(
      '0',
      '-0',
      '1',
      '1.0',
      '-1',
      '10',
      '0.1',
      '-0.1',
      '1e3',
      '1E-3',
      '99999999999999999999.99',
    ),
    fc.integer({ min: -20, max: 20 }).map(String),
    fc
      .tuple(fc.bigInt({ min: -most, max: most }), fc.integer({ min: -places, max: places }))
      .map(([n, e]) => `${n}e${e}`),
  )
}
const numbers = numbersOf({ digits: 30n, places: 40 })
/** Whose sums have 38 digits at the most: AWS refuses a longer one, and dynalite keeps it. */
const addends = numbersOf({ digits: 12n, places: 12 })
const texts = fc.constantFrom('', 'a', 'ab', 'abc', 'b', 'ß', '😀', '\uFFFD')
function valuesWith(numeric: fc.Arbitrary<string>): fc.Arbitrary<AttributeValue> {
  const leaves: fc.Arbitrary<AttributeValue> = fc.oneof(
    texts.map((S) => ({ S })),
    numeric.map((N) => ({ N })),
    fc.uint8Array({ maxLength: 3 }).map((bytes) => ({ B: Buffer.from(bytes).toString('base64') })),
    fc.boolean().map((BOOL) => ({ BOOL })),
    fc.constant<AttributeValue>({ NULL: true }),
    fc.uniqueArray(texts, { minLength: 1, maxLength: 3 }).map((SS) => ({ SS })),
    fc
      .uniqueArray(fc.integer({ min: -3, max: 3 }).map(String), { minLength: 1, maxLength: 3 })
      .map((NS) => ({ NS })),
  )
  return fc.oneof(
    { weight: 4, arbitrary: leaves },
    fc.array(leaves, { maxLength: 3 }).map((L) => ({ L })),
    fc.dictionary(fc.constantFrom('x', 'y'), leaves).map((M) => ({ M })),
  )
}
function itemsOf(each: fc.Arbitrary<AttributeValue>) {
  const g = fc.integer({ min: 0, max: 1e6 }).map((n) => ({ N: String(n) }))
  return fc.record({ a: each, b: each, c: each, d: each, e: each, g }, { requiredKeys: [] })
}
const values = valuesWith(numbers)
const items = itemsOf(values)
const updateValues = valuesWith(addends)
const partitions = fc.constantFrom('one', 'two')
const sorts = fc.oneof(
  fc.constantFrom('-1e5', '-10', '-9.5', '-1', '-0.01', '0', '0.001', '1', '1.5', '2', '10', '100', '1e20'),
)

const paths = fc.constantFrom('a', 'b', 'c', 'a.x', 'b[0]', 'c.y', '#n', 'a[1]')
const comparators = fc.constantFrom('=', '<>', '<', '<=', '>', '>=')
/**
 * A comparison has a path on one side and a value on the other: to dynalite two attributes that are not there are equal.
 * Bounds are values that have an order: it takes others, and AWS refuses them.
 */
const conditions = fc.letrec<{ readonly condition: string }>((tie) => ({
  condition: fc.oneof(
    { depthSize: 'small' },
    fc.tuple(paths, comparators).map(([path, comparator]) => `${path} ${comparator} :k`),
    fc.tuple(paths, fc.constantFrom('=', '<>')).map(([path, comparator]) => `:v ${comparator} ${path}`),
    fc.tuple(paths, comparators).map(([path, comparator]) => `size(${path}) ${comparator} :one`),
    paths.map((path) => `attribute_exists(${path})`),
    paths.map((path) => `attribute_not_exists(${path})`),
    paths.map((path) => `attribute_type(${path}, :t)`),
    paths.map((path) => `begins_with(${path}, :s)`),
    fc.tuple(paths, fc.constantFrom(':v', ':s')).map(([path, part]) => `contains(${path}, ${part})`),
    paths.map((path) => `${path} BETWEEN :one AND :two`),
    paths.map((path) => `${path} IN (:v, :k)`),
    tie('condition').map((inner) => `NOT (${inner})`),
    fc
      .tuple(tie('condition'), fc.constantFrom('AND', 'OR'), tie('condition'))
      .map(([left, word, right]) => `(${left}) ${word} (${right})`),
  ),
})).condition

/** What conditions refer to. */
const ordered = fc.oneof(
  texts.map((S) => ({ S })),
  numbers.map((N) => ({ N })),
)
const constants = fc.record({
  ':v': values,
  ':k': ordered,
  ':s': texts.map((S) => ({ S })),
  ':t': fc.constantFrom('S', 'N', 'L', 'M', 'SS', 'NULL').map((S) => ({ S })),
  ':one': fc.constant({ N: '1' }),
  ':two': fc.constant({ N: '2' }),
})

/** Read by updates, and never written: dynalite would put a value into itself. */
const sources = fc.constantFrom('d', 'e', 'e.x', 'd[0]')
const setOperands = fc.oneof(
  sources,
  fc.constantFrom(':v', ':w'),
  sources.map((path) => `if_not_exists(${path}, :v)`),
  fc.tuple(sources, fc.constantFrom('+', '-')).map(([path, sign]) => `${path} ${sign} :w`),
  sources.map((path) => `list_append(${path}, :v)`),
)
const clauses = fc.oneof(
  fc.tuple(paths, setOperands).map(([path, operand]) => `SET ${path} = ${operand}`),
  fc
    .tuple(paths, setOperands, paths, setOperands)
    .map(([one, first, other, second]) => `SET ${one} = ${first}, ${other} = ${second}`),
  fc.tuple(paths, paths).map(([one, other]) => `REMOVE ${one}, ${other}`),
  paths.map((path) => `ADD ${path} :w`),
  paths.map((path) => `DELETE ${path} :w`),
)
const updates = fc.uniqueArray(clauses, { minLength: 1, maxLength: 2 }).map((parts) => parts.join(' '))

/**
 * To dynalite what is empty is often as good as not there, and two lists, maps or flags are seldom equal. What AWS says of them
 * is in statements.server.test.ts.
 */
function isKnownToDynalite(
  condition: string,
  { ':v': sought }: Readonly<Record<string, AttributeValue>>,
  stored: unknown,
): boolean {
  const [type = ''] = Object.keys(sought ?? {})
  const isKnown = !condition.includes(':v') || ['S', 'N', 'B'].includes(type)
  return isKnown && !JSON.stringify([stored, sought]).includes('""')
}

/** Names and values of those that an expression refers to: an unused one is refused. */
function referred(
  expressions: readonly (string | undefined)[],
  given: Readonly<Record<string, AttributeValue>>,
) {
  const text = expressions.join(' ')
  const used = Object.fromEntries(Object.entries(given).filter(([name]) => text.includes(name)))
  return {
    ...(text.includes('#n') && { ExpressionAttributeNames: { '#n': 'b' } }),
    ...(Object.keys(used).length > 0 && { ExpressionAttributeValues: used }),
  }
}

const RUNS = { numRuns: 150 }

describe('this store and dynalite', () => {
  test('agree on conditions, before and after', { timeout: 120_000 }, async () => {
    const TableName = await newTable()
    const Key = { p: { S: 'one' }, s: { N: '1' } }
    await fc.assert(
      fc.asyncProperty(
        fc.option(items, { nil: undefined }),
        conditions,
        constants,
        async (item, condition, given) => {
          fc.pre(isKnownToDynalite(condition, given, item))
          if (item) await expectSame('PutItem', { TableName, Item: { ...Key, ...item } })
          else await expectSame('DeleteItem', { TableName, Key })
          await expectSame('PutItem', {
            TableName,
            Item: { ...Key, a: { S: 'put' } },
            ConditionExpression: condition,
            ReturnValues: 'ALL_OLD',
            ...referred([condition], given),
          })
          await expectSame('GetItem', { TableName, Key, ConsistentRead: true })
        },
      ),
      RUNS,
    )
  })

  test('agree on updates and what they return', { timeout: 120_000 }, async () => {
    const TableName = await newTable()
    const Key = { p: { S: 'one' }, s: { N: '1' } }
    const wanted = fc.constantFrom('NONE', 'ALL_OLD', 'ALL_NEW', 'UPDATED_OLD', 'UPDATED_NEW')
    await fc.assert(
      fc.asyncProperty(
        fc.option(itemsOf(updateValues), { nil: undefined }),
        updates,
        updateValues,
        updateValues,
        wanted,
        async (item, update, v, w, ReturnValues) => {
          if (item) await expectSame('PutItem', { TableName, Item: { ...Key, ...item } })
          else await expectSame('DeleteItem', { TableName, Key })
          await expectSame('UpdateItem', {
            TableName,
            Key,
            UpdateExpression: update,
            ReturnValues,
            ...referred([update], { ':v': v, ':w': w }),
          })
          await expectSame('GetItem', { TableName, Key, ConsistentRead: true })
        },
      ),
      RUNS,
    )
  })

  test('agree on queries, page by page, of a table and its indexes', { timeout: 120_000 }, async () => {
    const ranges = fc.constantFrom(
      '',
      ' AND s = :v',
      ' AND s < :v',
      ' AND s <= :v',
      ' AND s > :v',
      ' AND s >= :v',
      ' AND s BETWEEN :v AND :w',
    )
    const stored = fc
      .uniqueArray(fc.record({ p: partitions, s: sorts, item: items }), {
        maxLength: 12,
        selector: ({ p, s }) => `${p} ${s}`,
      })
      .filter((all) => {
        // Those that an index orders alike come in any order.
        const places = all.flatMap(({ item: { g } }) => (g ? [g.N] : []))
        return new Set(places).size === places.length
      })
    await fc.assert(
      fc.asyncProperty(
        stored,
        partitions,
        ranges,
        sorts,
        sorts,
        fc.boolean(),
        fc.integer({ min: 1, max: 5 }),
        async (all, p, range, v, w, forward, limit) => {
          const TableName = await newTable()
          for (const { p: partition, s, item } of all)
            await expectSame('PutItem', { TableName, Item: { ...item, p: { S: partition }, s: { N: s } } })
          const pages = async (more: object) => {
            let ExclusiveStartKey: unknown
            for (let page = 0; page < 20; page++) {
              const start = ExclusiveStartKey
              const answer = await expectSame('Query', {
                TableName,
                Limit: limit,
                ScanIndexForward: forward,
                ...(start === undefined ? {} : { ExclusiveStartKey: start }),
                ...more,
              })
              ExclusiveStartKey = answer['LastEvaluatedKey']
              if (ExclusiveStartKey === undefined) return
            }
            throw new Error('the query has no last page')
          }
          const [low, high] = Number(v) <= Number(w) ? [v, w] : [w, v]
          const given = { ':p': { S: p }, ':v': { N: low }, ':w': { N: high } }
          await pages({ KeyConditionExpression: `p = :p${range}`, ...referred(['p = :p', range], given) })
          await pages({
            IndexName: 'by-p-g',
            KeyConditionExpression: 'p = :p AND g >= :g',
            FilterExpression: 'attribute_exists(a)',
            ExpressionAttributeValues: { ':p': { S: p }, ':g': { N: '1' } },
          })
          await expectSame('Query', {
            TableName,
            Select: 'COUNT',
            KeyConditionExpression: 'p = :p',
            ExpressionAttributeValues: { ':p': { S: p } },
          })
        },
      ),
      { numRuns: 12 },
    )
  })

  test('agree on scans and batches', { timeout: 120_000 }, async () => {
    const stored = fc.uniqueArray(fc.record({ s: sorts, item: items }), {
      minLength: 1,
      maxLength: 12,
      selector: ({ s }) => s,
    })
    await fc.assert(
      fc.asyncProperty(stored, conditions, constants, async (all, filter, given) => {
        fc.pre(isKnownToDynalite(filter, given, all))
        const TableName = await newTable()
        const keys = all.map(({ s }) => ({ p: { S: 'one' }, s: { N: s } }))
        await expectSame('BatchWriteItem', {
          RequestItems: {
            [TableName]: all.map(({ s, item }) => ({
              PutRequest: { Item: { ...item, p: { S: 'one' }, s: { N: s } } },
            })),
          },
        })
        await expectSame('Scan', { TableName })
        await expectSame('Scan', {
          TableName,
          FilterExpression: filter,
          ...referred([filter], given),
        })
        await expectSame('Scan', {
          TableName,
          ProjectionExpression: 'a.x, b[0], c, #s',
          ExpressionAttributeNames: { '#s': 's' },
        })
        await expectSameUnordered(
          'BatchGetItem',
          {
            RequestItems: { [TableName]: { Keys: [...keys, { p: { S: 'two' }, s: { N: '1' } }] } },
          },
          TableName,
        )
      }),
      { numRuns: 20 },
    )
  })
})

/** What both answer to a batch of reads, whose items come in any order. */
async function expectSameUnordered(operation: string, input: object, table: string): Promise<void> {
  const answers = await Promise.all(
    servers.map(async ({ endpoint }) => {
      const { Responses, UnprocessedKeys } = await call(endpoint, operation, input)
      const found = responsesSchema.parse(Responses)[table] ?? []
      return [found.map((each) => JSON.stringify(plain(each))).toSorted(), UnprocessedKeys]
    }),
  )
  expect(answers[0]).toEqual(answers[1])
}
