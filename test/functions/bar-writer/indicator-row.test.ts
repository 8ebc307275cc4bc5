import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { indicatorRow, scanIndicators } from '../../../functions/bar-writer/indicator-row.ts'
import { toSignalRecords } from '../../../functions/analytics/signal-records.ts'
import { DEFAULT_INDICATORS } from '../../../functions/domain/indicators/table.ts'
import { readAnalysis } from '../../../functions/shared/runtime/analysis-fields.ts'
import { parseWritableRecord } from '../../../functions/shared/streams/records.ts'
import { indicators } from './signals.ts'

const analysis = readAnalysis({ indicators: DEFAULT_INDICATORS, patterns: '', vwapAnchor: 'UTC 00:00' })

describe('a record of indicators', () => {
  it('is scanned as the analytics part writes it, whatever its values', () => {
    const value = fc
      .double({ noNaN: true, min: -1e21, max: 1e21 })
      .map((each) => (Math.abs(each) < 1e-99 ? 0 : each))
    fc.assert(
      fc.property(
        fc.array(value, { minLength: analysis.outputs.length, maxLength: analysis.outputs.length }),
        fc.nat(),
        (values, closedAt) => {
          const signals = { start: 1_762_795_440, revision: 2, closedAt, values, patterns: [], withdrawn: [] }
          const [record] = toSignalRecords(analysis, signals, { symbol: 'BRK.B', calculatedAt: closedAt })
          const text = JSON.stringify(record)
          const scanned = scanIndicators(text)
          expect(scanned).toBeDefined()
          expect({ ...scanned, values: JSON.parse(scanned?.values ?? '') }).toEqual(parseWritableRecord(text))
        },
      ),
    )
  })

  it('without values is scanned', () => {
    const record = indicators({ values: {} })
    expect(scanIndicators(JSON.stringify(record))).toEqual(indicatorRow(record))
  })

  it.each([
    ['other names in its order', JSON.stringify({ ...indicators(), a: 1 })],
    ['a symbol with a quote', JSON.stringify(indicators({ symbol: 'A"' }))],
    ['a day that no month has', JSON.stringify(indicators({ timestamp: '2025-02-30T17:24:00Z' }))],
    ['a value beyond doubles', JSON.stringify(indicators()).replace(/"rsi_14":[^}]+/, '"rsi_14":1e999')],
    ['no comma between values', JSON.stringify(indicators()).replace('}}', '"a":1}}')],
    ['a comma at the end', JSON.stringify(indicators()).replace('}}', ',}}')],
    ['null as a value', JSON.stringify(indicators()).replace(/"rsi_14":[^}]+/, '"rsi_14":null')],
    ['a leading zero', JSON.stringify(indicators()).replace('"rsi_14":', '"rsi_14":0')],
    ['revision 0', JSON.stringify({ ...indicators(), revision: 0 })],
  ])('with %s is left to the careful reader', (_, text) => {
    expect(scanIndicators(text)).toBeUndefined()
  })
})
