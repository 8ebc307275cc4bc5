import { readFileSync } from 'node:fs'

import { describe, expect, it } from 'vitest'
import * as z from 'zod'

import { parseTrades } from '../../functions/aggregator/parse-trades.ts'
import { countOf } from '../../functions/domain/trade.ts'
import { rejectedLineSchema } from '../../functions/shared/dead-letters/rejected-line.ts'
import {
  barRecordSchema,
  indicatorsRecordSchema,
  patternsRecordSchema,
} from '../../functions/shared/streams/records.ts'
import { decoded } from '../support/decoded.ts'
import { comparable } from '../support/trade-texts.ts'
import { blockOf, readPage, ROOT, sectionOf } from './page.ts'

const page = readPage('docs/streams.md')
const ARRIVED = 1_760_106_796_250

/** Names in the first cells of the tables of a section. */
function namesOf(section: string): string[] {
  return [...sectionOf(page, section).matchAll(/^\| (`[^|]+)\|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([\w-]+)`/g)].map(([, name = '']) => name),
  )
}

const ORIGIN = { partitionKey: 'AAPL', arrivedAt: ARRIVED, allowsNonPositive: false }
const KEYS = [
  'symbol',
  'price',
  'volume',
  'timestamp',
  'id',
  'line',
  'contiguous',
  'conditions',
  'tape',
  'side',
  'type',
]

describe('docs/streams.md shows ticks as the aggregator reads them:', () => {
  it.each([
    ['A single trade', 1, undefined],
    ['A batch', 2, { source: 'my-feed', sequence: 1_760_106_735_123_000 }],
  ] as const)('%s', (section, count, producer) => {
    const parsed = parseTrades(blockOf(page, section, 'json'), ORIGIN)
    expect(parsed).toMatchObject({ symbol: 'AAPL', producer, type: 'trade', rejections: [] })
    expect(countOf(parsed.trades)).toBe(count)
  })

  it('a trade of a batch with its side', () => {
    const [, tuple = ''] = /as in `(\[.*?\])`/.exec(sectionOf(page, 'A batch')) ?? []
    const { rejections, said } = parseTrades(`{"symbol":"AAPL","ticks":[${tuple}]}`, ORIGIN)
    expect(rejections).toEqual([])
    expect(said.sides).toEqual(Int8Array.of(-1))
  })

  it('a compact record, which is the batch', () => {
    const dump = blockOf(page, 'Compact records', 'hex')
    const bytes = Buffer.from(dump.replaceAll(/ {2,}.*/g, '').replaceAll(/\s/g, ''), 'hex')
    const [parsed] = decoded(bytes, ORIGIN)
    expect(comparable(parsed)).toEqual(comparable(parseTrades(blockOf(page, 'A batch', 'json'), ORIGIN)))
    expect(sectionOf(page, 'Compact records')).toContain(`these ${bytes.length} bytes`)
  })

  it('a cancel and a correction', () => {
    const section = sectionOf(page, 'Cancels and corrections')
    const parsed = [...section.matchAll(/^```json\n([^`]*)^```$/gm)].map(([, text = '']) =>
      parseTrades(text, ORIGIN),
    )
    expect(parsed).toMatchObject([
      { type: 'cancel', line: { name: 'XNAS' }, rejections: [] },
      { type: 'correct', replacements: [{}], rejections: [] },
    ])
  })

  it('with every key', () => {
    const explained = [...namesOf('A single trade'), ...namesOf('A batch')]
    expect(explained.toSorted()).toEqual([...KEYS, 'source', 'sequence', 'sequence', 'ticks'].toSorted())
    const { rejections } = parseTrades('{"symbol":"AAPL","taker":"buy"}', ORIGIN)
    expect(rejections[0]?.detail).toContain('"taker"')
  })
})

describe('docs/streams.md shows records that their schema takes as they are:', () => {
  const sections: readonly (readonly [string, z.ZodObject])[] = [
    ['bars', barRecordSchema],
    ['Withdrawn bars', barRecordSchema],
    ['Imported bars', barRecordSchema],
    ['Indicators', indicatorsRecordSchema],
    ['Patterns', patternsRecordSchema],
  ]
  it.each(sections)('%s', (section, schema) => {
    const json = z.record(z.string(), z.unknown()).parse(JSON.parse(blockOf(page, section, 'json')))
    // What a bar of a release that did not tell it is, and any bar that does not.
    const silent = schema === barRecordSchema ? { withdrawn: false, source: null } : {}
    expect(schema.parse(json)).toEqual({ ...silent, ...json })
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
      const text =
        index === undefined ? payload : `{"symbol":"${partitionKey}","ticks":[[1760106790,1,1],${payload}]}`
      const origin = { partitionKey, arrivedAt: Date.parse(arrivedAt), allowsNonPositive: false }
      expect(parseTrades(text, origin).rejections).toMatchObject([{ reason, detail, index }])
    }
  })

  it('with every field and every reason', () => {
    const reasons = ['functions/shared/dead-letters/rejection.ts', 'functions/domain/event.ts'].flatMap(
      (file) =>
        [...readFileSync(ROOT + file, 'utf8').matchAll(/^ {2}\| '([a-z]+(?:-[a-z]+)*)'$/gm)].map(
          ([, reason = '']) => reason,
        ),
    )
    expect(reasons.length).toBeGreaterThan(20)
    expect(namesOf('Rejected records').toSorted()).toEqual(
      [...Object.keys(rejectedLineSchema.shape), ...reasons].toSorted(),
    )
  })
})
