import * as z from 'zod'
import { invalid } from '../errors.ts'
import { keyRangeOf } from '../expressions/key-condition.ts'
import { parseCondition } from '../expressions/parse-condition.ts'
import { referencesOf } from '../expressions/references.ts'
import { partitionBytes, segmentStart } from '../values/key-bytes.ts'
import { action } from './action.ts'
import { pageFields, pageOf, readingOf } from './page.ts'

const query = action(
  z.strictObject({
    ...pageFields,
    KeyConditionExpression: z.string(),
    ScanIndexForward: z.boolean().default(true),
  }),
  ({ store }, request) => {
    const table = store.catalog.tableOf(request.TableName)
    const refer = referencesOf(request, true)
    const reading = readingOf(table, request, refer)
    const what = 'KeyConditionExpression'
    const condition = parseCondition(request.KeyConditionExpression, refer, what)
    const { partition, ...range } = keyRangeOf(condition, reading.index ?? table.keys)
    refer.refuseUnused()
    const bytes = partitionBytes(partition)
    if (reading.after && !reading.after.partition.equals(bytes))
      throw invalid('The provided starting key is outside query boundaries based on provided conditions')
    const items = store.items.query(table, reading.indexNumber, {
      ...range,
      partition: bytes,
      after: reading.after,
      isBackward: !request.ScanIndexForward,
    })
    return pageOf(items, reading, request)
  },
)

const scan = action(
  z.strictObject({
    ...pageFields,
    Segment: z.int().min(0).max(999_999).optional(),
    TotalSegments: z.int().min(1).max(1_000_000).optional(),
  }),
  ({ store }, request) => {
    const table = store.catalog.tableOf(request.TableName)
    const { FilterExpression: filter, ProjectionExpression: projection } = request
    const refer = referencesOf(request, filter !== undefined || projection !== undefined)
    const reading = readingOf(table, request, refer)
    refer.refuseUnused()
    const items = store.items.scan(table, reading.indexNumber, { ...partOf(request), after: reading.after })
    return pageOf(items, reading, request)
  },
)

function partOf({
  Segment: segment,
  TotalSegments: segments,
}: {
  readonly Segment?: number | undefined
  readonly TotalSegments?: number | undefined
}) {
  if ((segment === undefined) !== (segments === undefined))
    throw invalid(
      segment === undefined
        ? 'The Segment parameter is required but was not present in the request when parameter TotalSegments is present'
        : 'The TotalSegments parameter is required but was not present in the request when Segment parameter is present',
    )
  const [part, parts] = [segment ?? 0, segments ?? 1]
  if (part >= parts)
    throw invalid(
      `The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: ${part} is not less than TotalSegments: ${parts}`,
    )
  return {
    from: segmentStart(part, parts),
    before: part + 1 === parts ? undefined : segmentStart(part + 1, parts),
  }
}

export const readActions = { Query: query, Scan: scan }
