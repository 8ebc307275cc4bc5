import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import {
  BAR_FIELDS,
  type Condition,
  ConditionError,
  indicatorsOf,
  parseCondition,
} from '../../../../functions/domain/alerts/condition.ts'
import { formatDecimal, parseDecimal } from '../../../../functions/domain/decimal.ts'
import { PATTERNS } from '../../../../functions/domain/patterns/table.ts'

const indicator = fc.constantFrom('rsi_14', 'ema_5', 'ema_20', 'vwap', 'macd_12_26_9')
const number = fc
  .tuple(fc.integer({ min: -1_000_000, max: 1_000_000 }), fc.integer({ min: 0, max: 9 }))
  .map(([units, scale]) => formatDecimal(units, scale))
const ofOneRecord = fc.oneof(
  fc.tuple(fc.constantFrom(...BAR_FIELDS), fc.oneof(number, fc.constantFrom(...BAR_FIELDS))),
  fc.tuple(indicator, fc.oneof(number, indicator)),
)
const relation = fc.constantFrom('>', '>=', '<', '<=')
const condition = fc.oneof(
  fc.tuple(ofOneRecord, relation).map(([[left, right], sign]) => `${left} ${sign} ${right}`),
  fc
    .tuple(ofOneRecord, fc.constantFrom('above', 'below'))
    .map(([[left, right], to]) => `${left} crosses ${to} ${right}`),
  fc
    .tuple(
      fc.constantFrom('any', ...PATTERNS.map(({ name }) => name)),
      fc.constantFrom('', ' bullish', ' bearish', ' neutral'),
    )
    .map(([name, direction]) => `pattern ${name}${direction}`),
  fc.integer({ min: 1, max: 1440 }).map((minutes) => `silent ${minutes} minutes`),
)

/** The text of a condition in its one spelling. */
function textOf(parsed: Condition): string {
  switch (parsed.type) {
    case 'pattern':
      return ['pattern', parsed.pattern ?? 'any', parsed.direction].filter(Boolean).join(' ')
    case 'silent':
      return `silent ${parsed.minutes} minutes`
    case 'level':
    case 'crossing': {
      const { left, right } = parsed
      const how = parsed.type === 'level' ? parsed.relation : `crosses ${parsed.to}`
      const other = right.type === 'name' ? right.name : formatDecimal(right.number.units, right.number.scale)
      return `${left} ${how} ${other}`
    }
    default:
      return parsed satisfies never
  }
}

describe('a condition', () => {
  it('says the same when it is written again from what was read', () => {
    fc.assert(
      fc.property(condition, (text) => {
        expect(textOf(parseCondition(text))).toBe(text)
      }),
    )
  })

  it('is read whatever spaces are in it', () => {
    fc.assert(
      fc.property(condition, fc.constantFrom('  ', '\t', ' \n '), (text, space) => {
        expect(parseCondition(` ${text.replaceAll(' ', space)}\n`)).toEqual(parseCondition(text))
      }),
    )
    expect(parseCondition('close>150.25')).toEqual(parseCondition('close > 150.25'))
  })

  it('of any text is read, or refused with the text that is wrong', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ maxLength: 300 }),
          condition.map((text) => `${text} x`),
        ),
        (text) => {
          try {
            parseCondition(text)
          } catch (error) {
            if (!(error instanceof ConditionError)) throw error
            expect(error.message).toMatch(/allowed|there are/)
          }
        },
      ),
    )
  })

  it('keeps a number exactly', () => {
    const parsed = parseCondition('close > 12345678901234.123456789012345678')
    expect(parsed).toMatchObject({
      right: { number: parseDecimal('12345678901234.123456789012345678') },
    })
  })

  it.each([
    ['', /"" is no condition; allowed are "close > 150.25"/],
    ['close', /"close" is no condition/],
    ['close crosses 70', /is no condition/],
    ['close > sma_20', /close and sma_20 in .* are not of one record/],
    ['rsi_14 > 1e400', /"1e400" in .* is neither a number nor a value \(too-large\)/],
    ['RSI > 70', /"RSI" in "RSI > 70" is no value; allowed are open, high/],
    ['pattern cup', /there is no pattern "cup" .* there are any, doji/],
    ['pattern hammer up', /"up" in "pattern hammer up" is no direction; allowed are bullish/],
    ['silent 0 minutes', /no silence; allowed is "silent 5 minutes", with 1 to 1440/],
    ['silent 1441 minutes', /no silence/],
    ['silent 5 hours', /no silence/],
    [`close > ${'1'.repeat(300)}`, /the condition has 308 characters; allowed are 200/],
  ])('refuses %j', (text, message) => {
    expect(() => parseCondition(text)).toThrow(message)
  })

  it('names the indicators that it is about', () => {
    expect(indicatorsOf(parseCondition('ema_5 crosses above ema_20'))).toEqual(['ema_5', 'ema_20'])
    expect(indicatorsOf(parseCondition('rsi_14 > 70'))).toEqual(['rsi_14'])
    expect(indicatorsOf(parseCondition('close > open'))).toEqual([])
  })
})
