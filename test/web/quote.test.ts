import { describe, expect, it } from 'vitest'

import { emptyQuote, withBar, withRead, withTrade, withWithdrawn } from '../../web/src/market/quote.ts'
import { changeOf, priceText } from '../../web/src/values/price-text.ts'
import { bar } from './bars.ts'

const DAY = Date.parse('2025-11-10T00:00:00Z') / 1000
const READ = withRead(emptyQuote('AAPL'), {
  day: bar({ time: DAY, open: '150.25' }),
  newest: bar({ time: DAY + 3600, close: '150.3' }),
  spark: [bar({ time: DAY + 2700, close: '150.1' }), bar({ time: DAY + 3600, close: '150.3' })],
})

describe('a quote', () => {
  it('is read, and continued by bars and trades', () => {
    expect(READ).toMatchObject({ last: '150.3', open: '150.25', digits: 2, barAt: DAY + 3600 })
    const traded = withTrade(READ, { close: '150.355', time: DAY + 3665 })
    expect(traded).toMatchObject({ last: '150.355', lastAt: DAY + 3665, digits: 3 })
    expect(withBar(traded, bar({ time: DAY + 3660, close: '150.4' }), 'UTC')).toMatchObject({ last: '150.4' })
  })

  it('takes the bar before one that is withdrawn when it is read', () => {
    const gone = bar({ time: DAY + 3600, revision: 2, withdrawn: true })
    const read = {
      day: bar({ time: DAY, open: '150.2' }),
      newest: bar({ time: DAY + 3540, close: '150.1' }),
      spark: [],
    }
    expect(withRead(READ, read)).toMatchObject({ last: '150.3' })
    expect(withRead(withWithdrawn(READ, gone), read)).toMatchObject({ last: '150.1', open: '150.2' })
    const traded = withTrade(READ, { close: '151', time: DAY + 3665 })
    expect(withRead(withWithdrawn(traded, gone), read)).toMatchObject({ last: '151' })
    expect(withWithdrawn(READ, { ...gone, time: DAY })).toBe(READ)
  })

  it('is read in parts, in any order', () => {
    const [day, newest] = [bar({ time: DAY, open: '150.25' }), bar({ time: DAY + 3600, close: '150.3' })]
    const spark = [bar({ time: DAY + 2700, close: '150.1' }), bar({ time: DAY + 3600, close: '150.3' })]
    const first = withRead(emptyQuote('AAPL'), { newest })
    expect(first).toMatchObject({ last: '150.3', open: null, spark: [] })
    expect(withRead(withRead(first, { spark }), { day })).toEqual(READ)
    expect(withRead(withRead(withRead(emptyQuote('AAPL'), { day }), { spark }), { newest })).toEqual(READ)
  })

  it('takes no step back', () => {
    const traded = withTrade(READ, { close: '151', time: DAY + 3725 })
    // The bar of the minute before closes after a trade of this one.
    expect(withBar(traded, bar({ time: DAY + 3660, close: '150.4' }), 'UTC')).toMatchObject({ last: '151' })
    expect(withTrade(traded, { close: '140', time: DAY + 3000 })).toBe(traded)
    expect(withBar(READ, bar({ time: DAY, close: '140', revision: 2 }), 'UTC')).toMatchObject({
      last: '150.3',
    })
  })

  it('begins a new day with its first bar', () => {
    const next = bar({ time: DAY + 86_400, open: '160', close: '161' })
    expect(withBar(READ, next, 'UTC')).toMatchObject({ open: '160', dayStart: DAY + 86_400 })
    expect(withBar(READ, bar({ time: DAY + 3660 }), 'UTC')).toMatchObject({ open: '150.25' })
  })

  it('has a point for each quarter of an hour, and those of a day', () => {
    const { spark } = withBar(READ, bar({ time: DAY + 3660, close: '150.4' }), 'UTC')
    expect(spark.map(({ close }) => close)).toEqual(['150.1', '150.4'])
    const later = withBar(READ, bar({ time: DAY + 90_000 }), 'UTC')
    expect(later.spark.map(({ time }) => time)).toEqual([DAY + 90_000])
  })
})

describe('prices', () => {
  it('have the digits of their symbol', () => {
    expect(priceText('150.3', 2)).toBe('150.30')
    expect(priceText('1234.123456789', 2)).toBe('1,234.123456789')
    expect(priceText(null, 2)).toBe('–')
  })

  it('change by an exact difference', () => {
    expect(changeOf('150.25', '150.3', 2)).toEqual({ text: '+0.05', percent: '+0.03 %', direction: 'up' })
    expect(changeOf('150.25', '150.25', 2)).toEqual({ text: '0.00', percent: '0.00 %', direction: 'flat' })
    expect(changeOf('-5', '-6', 0)).toEqual({ text: '-1', percent: '–', direction: 'down' })
    expect(changeOf(null, '1', 0)).toBeUndefined()
  })
})
