import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { type Crossing, parseCondition } from '../../../../functions/domain/alerts/condition.ts'
import {
  compareDecimals,
  hasCrossed,
  holds,
  isWanted,
  type Side,
  sideOf,
} from '../../../../functions/domain/alerts/evaluate.ts'
import { MAX_ATTEMPTS, retryDelayMs } from '../../../../functions/domain/alerts/retries.ts'
import { KEPT_MINUTES, noteSide, type Sides } from '../../../../functions/domain/alerts/sides.ts'
import { parseDecimal } from '../../../../functions/domain/decimal.ts'

const side = fc.constantFrom<Side>(-1, 0, 1)

function decimalOf(text: string) {
  const decimal = parseDecimal(text)
  if (typeof decimal === 'string') throw new TypeError(`${text}: ${decimal}`)
  return decimal
}

function comparisonOf(text: string) {
  const condition = parseCondition(text)
  if (condition.type !== 'level' && condition.type !== 'crossing') throw new TypeError(text)
  return condition
}

describe('prices', () => {
  it('are compared exactly, whatever decimals they are written with', () => {
    const digits = fc.bigInt({ min: -(10n ** 15n) + 1n, max: 10n ** 15n - 1n })
    fc.assert(
      fc.property(digits, digits, (one, other) => {
        const expected = one === other ? 0 : one > other ? 1 : -1
        expect(compareDecimals(decimalOf(`${one}.00`), decimalOf(`${other}`))).toBe(expected)
      }),
    )
    const [price, next] = ['0.300000000000000001', '0.3'].map(decimalOf)
    expect(price && next && compareDecimals(price, next)).toBe(1)
  })

  it('that are at the number are not above it', () => {
    const reading = { type: 'bar' as const, values: new Map([['close', decimalOf('150.250')]]) }
    expect(sideOf(comparisonOf('close > 150.25'), reading)).toBe(0)
    expect(['>', '>=', '<', '<='].map((sign) => holds(comparisonTo(sign), 0))).toEqual([
      false,
      true,
      false,
      true,
    ])
  })

  it('of a record without the value, or of another record, are on no side', () => {
    const reading = { type: 'indicators' as const, values: new Map([['ema_5', 3]]) }
    expect(sideOf(comparisonOf('rsi_14 > 70'), reading)).toBeUndefined()
    expect(sideOf(comparisonOf('close > 70'), reading)).toBeUndefined()
    expect(sideOf(comparisonOf('ema_5 > ema_20'), reading)).toBeUndefined()
    expect(sideOf(comparisonOf('ema_5 > 2.5'), reading)).toBe(1)
  })
})

const comparisonTo = (sign: string) => {
  const condition = parseCondition(`close ${sign} 1`)
  if (condition.type !== 'level') throw new TypeError(sign)
  return condition.relation
}

describe('a crossing', () => {
  it('is from one side, or the line, to beyond it; and needs a minute before', () => {
    fc.assert(
      fc.property(fc.option(side, { nil: undefined }), side, (before, now) => {
        const [above, below] = (['above', 'below'] as const).map((to: Crossing['to']) =>
          hasCrossed(to, before, now),
        )
        expect(above).toBe(before !== undefined && before < 1 && now === 1)
        expect(below).toBe(before !== undefined && before > -1 && now === -1)
      }),
    )
  })
})

/** Minutes and revisions as a stream brings them: in any order, some again. */
const history = fc.array(
  fc.record({
    minute: fc.integer({ min: 0, max: KEPT_MINUTES - 1 }).map((place) => place * 60),
    revision: fc.integer({ min: 1, max: 3 }),
    side: fc.option(side, { nil: null }),
  }),
  { maxLength: 30 },
)

describe('the sides of a rule', () => {
  it('are those of the last revision of each minute, whatever comes again', () => {
    fc.assert(
      fc.property(history, (all) => {
        const newest = new Map<number, (typeof all)[number]>()
        let sides: Sides = []
        for (const at of all) {
          const noted = noteSide(sides, at)
          const known = newest.get(at.minute)
          expect(noted.type).toBe(known !== undefined && known.revision >= at.revision ? 'known' : 'noted')
          if (noted.type === 'known') continue
          const earlier = [...newest.values()]
            .filter((each) => each.minute < at.minute && each.side !== null)
            .toSorted((one, other) => one.minute - other.minute)
          expect(noted.before).toBe(earlier.at(-1)?.side ?? undefined)
          newest.set(at.minute, at)
          sides = noted.sides
        }
        expect(sides).toEqual([...newest.values()].toSorted((one, other) => one.minute - other.minute))
      }),
    )
  })

  it('are kept of so many minutes; what is older than those is not judged', () => {
    let sides: Sides = []
    for (let minute = 60; minute <= 60 * 20; minute += 60) {
      const noted = noteSide(sides, { minute, revision: 1, side: 1 })
      sides = noted.type === 'noted' ? noted.sides : sides
    }
    expect(sides).toHaveLength(KEPT_MINUTES)
    expect(noteSide(sides, { minute: 0, revision: 1, side: 1 })).toEqual({ type: 'known' })
  })
})

describe('a pattern', () => {
  it('is wanted by its name and direction, or by any', () => {
    const found = { pattern: 'hammer', direction: 'bullish' as const }
    const wanted = (pattern?: string, direction?: 'bullish' | 'bearish') =>
      isWanted({ pattern, direction }, found)
    expect([wanted(), wanted('hammer'), wanted('hammer', 'bullish'), wanted(undefined, 'bullish')]).toEqual([
      true,
      true,
      true,
      true,
    ])
    expect([wanted('doji'), wanted('hammer', 'bearish')]).toEqual([false, false])
  })
})

it('a delivery is tried ten times, over eight and a half hours', () => {
  const delays = Array.from({ length: MAX_ATTEMPTS }, (_, failed) => retryDelayMs(failed + 1))
  expect(delays.at(-1)).toBeUndefined()
  expect(delays.reduce<number>((sum, delay = 0) => sum + delay, 0)).toBe(511 * 60_000)
})
