import { readFileSync } from 'node:fs'

import { describe, expect, it } from 'vitest'
import type * as z from 'zod'

import { parseTicks } from '../../functions/aggregator/parse-ticks.ts'
import { rejectedLineSchema } from '../../functions/shared/dead-letters/rejected-line.ts'
import {
  barRecordSchema,
  indicatorsRecordSchema,
  patternsRecordSchema,
} from '../../functions/shared/streams/records.ts'
import { tickBatchSchema, tickSchema } from '../../functions/shared/streams/tick-record.ts'
import { blockOf, readPage, ROOT, sectionOf } from './page.ts'

const page = readPage('docs/streams.md')
const ARRIVED = 1_760_106_796_250

/** Names in the first cells of the tables of a section. */
function namesOf(section: string): string[] {
  return [...sectionOf(page, section).matchAll(/^\| (`[^|]+)\|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([\w-]+)`/g)].map(([, name = '']) => name),
  )
}

describe('docs/streams.md shows ticks as the aggregator reads them:', () => {
  it.each([
    ['A single trade', 1, undefined, tickSchema],
    ['A batch', 2, { source: 'my-feed', sequence: 1_760_106_735_123_000 }, tickBatchSchema],
  ] as const)('%s', (section, trades, producer, schema) => {
    const parsed = parseTicks(blockOf(page, section, 'json'), { partitionKey: 'AAPL', arrivedAt: ARRIVED })
    expect(parsed).toMatchObject({ symbol: 'AAPL', producer, trades: { length: trades }, rejections: [] })
    expect(namesOf(section).toSorted()).toEqual(Object.keys(schema.shape).toSorted())
  })
})

describe('docs/streams.md shows records that their schema takes as they are:', () => {
  const sections: readonly (readonly [string, z.ZodObject])[] = [
    ['bars', barRecordSchema],
    ['Indicators', indicatorsRecordSchema],
    ['Patterns', patternsRecordSchema],
  ]
  it.each(sections)('%s', (section, schema) => {
    const json: unknown = JSON.parse(blockOf(page, section, 'json'))
    expect(schema.parse(json)).toEqual(json)
    const explained = new Set([...namesOf('bars'), ...namesOf('signals')])
    expect(Object.keys(schema.shape).filter((name) => !explained.has(name))).toEqual([])
  })
})

describe('docs/streams.md shows rejected records', () => {
  const lines = [...sectionOf(page, 'Rejected records').matchAll(/^```ndjson\n(.*)\n```$/gm)].map(
    ([, line = '']) => rejectedLineSchema.strict().parse(JSON.parse(line)),
  )

  it('as the aggregator writes them', () => {
    expect(lines).toHaveLength(2)
    for (const { payload = '', index, partitionKey, arrivedAt, reason, detail } of lines) {
      const text = index === undefined ? payload : `{"symbol":"${partitionKey}","ticks":[[1,1,1],${payload}]}`
      const origin = { partitionKey, arrivedAt: Date.parse(arrivedAt) }
      expect(parseTicks(text, origin).rejections).toMatchObject([{ reason, detail, index }])
    }
  })

  it('with every field and every reason', () => {
    const source = readFileSync(`${ROOT}functions/shared/dead-letters/rejection.ts`, 'utf8')
    const reasons = [...source.matchAll(/^ {2}\| '([a-z-]+)'$/gm)].map(([, reason = '']) => reason)
    expect(reasons.length).toBeGreaterThan(10)
    expect(namesOf('Rejected records')).toEqual([...Object.keys(rejectedLineSchema.shape), ...reasons])
  })
})
