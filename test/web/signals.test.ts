import { describe, expect, it } from 'vitest'

import { changesOf, correctionsOf, type Revision } from '../../web/src/market/corrections.ts'
import { groupIndicators } from '../../web/src/market/indicator-groups.ts'
import {
  confidenceText,
  isShown,
  type Pattern,
  withChange,
  withPatterns,
} from '../../web/src/market/patterns.ts'
import { selectIndicators } from '../../functions/domain/indicators/select.ts'
import { DEFAULT_INDICATORS } from '../../functions/domain/indicators/table.ts'
import { bar } from './bars.ts'

function revision(given: Partial<Revision>): Revision {
  return {
    ...bar(given),
    writtenAt: '2025-11-10T14:31:00.000Z',
    closedAt: '2025-11-10T14:31:00.000Z',
    ...given,
  }
}

function pattern(given: Partial<Pattern> = {}): Pattern {
  const values = { direction: 'neutral', confidence: '0.5', revision: 1, detectedAt: 0, withdrawn: false }
  return { symbol: 'AAPL', type: 'doji', time: 60, ...values, ...given }
}

describe('corrections', () => {
  it('are the steps from one revision to the next, with what they changed', () => {
    const revisions = [
      revision({ time: 60, revision: 2, close: '11', trades: 2 }),
      revision({ time: 60, revision: 1, close: '10' }),
      revision({ time: 120, revision: 1 }),
      revision({ time: 60, revision: 3, close: '11', trades: 2, complete: false }),
    ]
    const corrections = correctionsOf(revisions)
    expect(corrections.map(({ before, after }) => [before.revision, after.revision])).toEqual([
      [1, 2],
      [2, 3],
    ])
    expect(corrections.map(changesOf)).toEqual([
      [
        { name: 'C', before: '10', after: '11' },
        { name: 'n', before: '1', after: '2' },
      ],
      [{ name: 'complete', before: 'yes', after: 'no' }],
    ])
  })
})

describe('patterns', () => {
  it('stay with a mark when a correction withdraws them', () => {
    const known = [pattern(), pattern({ symbol: 'MSFT' })]
    const change = { symbol: 'AAPL', time: 60, revision: 2, withdrawn: ['doji'], patterns: [] }
    const after = withChange(known, change, 10)
    expect(after.map(({ symbol, withdrawn }) => [symbol, withdrawn])).toEqual([
      ['AAPL', true],
      ['MSFT', false],
    ])
    const again = withPatterns(after, [pattern()], 10)
    expect(again.map(({ withdrawn }) => withdrawn)).toEqual([true, false])
    expect(withPatterns(again, [pattern({ revision: 3 })], 10)[0]?.withdrawn).toBe(false)
  })

  it('are newest first, and not more than wanted', () => {
    const many = [60, 180, 120].map((time) => pattern({ time }))
    expect(withPatterns([], many, 2).map(({ time }) => time)).toEqual([180, 120])
  })

  it('are filtered', () => {
    const all = { types: [], direction: null, minConfidence: 0, symbols: undefined }
    expect(isShown(pattern(), all)).toBe(true)
    expect(isShown(pattern(), { ...all, types: ['hammer'] })).toBe(false)
    expect(isShown(pattern(), { ...all, direction: 'bullish' })).toBe(false)
    expect(isShown(pattern(), { ...all, minConfidence: 0.6 })).toBe(false)
    expect(isShown(pattern(), { ...all, symbols: new Set(['MSFT']) })).toBe(false)
    expect(confidenceText('0.526')).toBe('0.5260')
  })
})

describe('indicators', () => {
  it('are all known to the page, each with all its lines', () => {
    const selected = selectIndicators(DEFAULT_INDICATORS, { vwapDayOf: () => 0 })
    const groups = groupIndicators(selected.flatMap(({ outputs }) => outputs))
    const linesOf = (names: readonly string[]) => names.toSorted().join(' ')
    expect(groups.map(({ lines }) => linesOf(lines.map(({ name }) => name))).toSorted()).toEqual(
      selected.map(({ outputs }) => linesOf(outputs)).toSorted(),
    )
    expect(groups.filter(({ label, id }) => label === id)).toEqual([])
  })

  it('are grouped by what is chosen together', () => {
    const names = [
      'macd_12_26_9',
      'macd_histogram_12_26_9',
      'macd_signal_12_26_9',
      'sma_20',
      'sma_5',
      'vwap',
      'my_own',
    ]
    expect(
      groupIndicators(names).map(({ id, label, place, lines }) => [id, label, place, lines.length]),
    ).toEqual([
      ['sma_5', 'SMA 5', 'price', 1],
      ['sma_20', 'SMA 20', 'price', 1],
      ['vwap', 'VWAP', 'price', 1],
      ['macd_12_26_9', 'MACD 12, 26, 9', 'pane', 3],
      ['my_own', 'my_own', 'pane', 1],
    ])
    const [macd] = groupIndicators(names.slice(0, 3))
    expect(macd?.lines.map(({ name, style }) => [name, style])).toEqual([
      ['macd_12_26_9', 'line'],
      ['macd_signal_12_26_9', 'line'],
      ['macd_histogram_12_26_9', 'histogram'],
    ])
  })
})
