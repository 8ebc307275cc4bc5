import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import {
  holds,
  looksBack,
  namesIn,
  type Screened,
  valueIn,
} from '../../../../functions/domain/screen/evaluate-screen.ts'
import { ScreenError } from '../../../../functions/domain/screen/expression.ts'
import { parseScreen, parseValue } from '../../../../functions/domain/screen/parse-screen.ts'

const VALUES = ['close', 'rsi_14', 'sma_50', 'bollinger_upper_20_2.5']
const PATTERNS = ['doji', 'hammer']
const kindOf = (name: string) =>
  VALUES.includes(name) ? 'value' : PATTERNS.includes(name) ? 'pattern' : undefined

/** A condition as text with every parenthesis, and what it comes to in JavaScript, where null is what is not known. */
type Sample = { readonly text: string; readonly code: string }

const number = fc.constantFrom('0', '1', '2.5', '30', '0.001').map((text) => ({ text, code: text }))
const name = fc.constantFrom(...VALUES).map((text) => ({ text, code: `at(${JSON.stringify(text)})` }))

const { value, test } = fc.letrec<{ value: Sample; test: Sample }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', maxDepth: 4, withCrossShrink: true },
    fc.oneof(number, name),
    tie('value').map(({ text, code }) => ({ text: `(-${text})`, code: `minus(${code})` })),
    fc.tuple(tie('value'), fc.constantFrom('+', '-', '*', '/'), tie('value')).map(([left, sign, right]) => ({
      text: `(${left.text}${sign}${right.text})`,
      code: `sum("${sign}", ${left.code}, ${right.code})`,
    })),
  ),
  test: fc.oneof(
    { depthSize: 'small', maxDepth: 4, withCrossShrink: true },
    fc
      .tuple(tie('value'), fc.constantFrom('<', '<=', '>', '>=', '=', '!='), tie('value'))
      .map(([left, sign, right]) => ({
        text: `(${left.text} ${sign} ${right.text})`,
        code: `compare("${sign}", ${left.code}, ${right.code})`,
      })),
    fc.constantFrom(...PATTERNS).map((text) => ({ text, code: `found("${text}")` })),
    tie('test').map(({ text, code }) => ({ text: `(not ${text})`, code: `no(${code})` })),
    fc.tuple(tie('test'), fc.constantFrom('and', 'or'), tie('test')).map(([left, word, right]) => ({
      text: `(${left.text} ${word} ${right.text})`,
      code: `${word}(${left.code}, ${right.code})`,
    })),
  ),
}))

/** Whether a sample is within the limits of a screen. */
const isShort = ({ text }: Sample) =>
  text.length <= 500 && (text.match(/[\w.]+|[^\s\w]/g) ?? []).length <= 200

/** A slow evaluator: the meaning of each word as a table of cases. */
const MEANING = {
  minus: (a: number | null) => (a === null ? null : 0 - a === 0 ? -a : 0 - a),
  sum: (sign: string, a: number | null, b: number | null) => {
    if (a === null || b === null) return null
    if (sign === '+') return a + b
    if (sign === '-') return a - b
    if (sign === '*') return a * b
    return b === 0 ? null : a / b
  },
  compare: (sign: string, a: number | null, b: number | null) => {
    if (a === null || b === null) return null
    const order = a < b ? '<' : a > b ? '>' : '='
    return sign === '!=' ? order !== '=' : sign.includes(order)
  },
  no: (a: boolean | null) => (a === null ? null : !a),
  and: (a: boolean | null, b: boolean | null) =>
    [a, b].includes(false) ? false : [a, b].includes(null) ? null : true,
  or: (a: boolean | null, b: boolean | null) =>
    [a, b].includes(true) ? true : [a, b].includes(null) ? null : false,
}

const barOf = fc
  .record({
    values: fc.tuple(...VALUES.map(() => fc.option(fc.constantFrom(-2.5, 0, 1, 2.5, 30)))),
    found: fc.subarray(PATTERNS),
  })
  .map(({ values, found }) => ({
    screened: {
      valueOf: (wanted: string) => values[VALUES.indexOf(wanted)] ?? undefined,
      hasPattern: (wanted: string) => found.includes(wanted),
    } satisfies Screened,
    at: (wanted: string) => values[VALUES.indexOf(wanted)] ?? null,
    found: (wanted: string) => found.includes(wanted),
  }))

function slowly(code: string, { at, found }: { at: unknown; found: unknown }): unknown {
  // oxlint-disable-next-line no-implied-eval, no-new-func -- the code is made by this file
  return new Function(...Object.keys(MEANING), 'at', 'found', `return ${code}`)(
    ...Object.values(MEANING),
    at,
    found,
  )
}

describe('a screen', () => {
  it('holds where a slow evaluator says so', () => {
    fc.assert(
      fc.property(test.filter(isShort), barOf, ({ text, code }, bar) => {
        const parsed = parseScreen(text, kindOf)
        expect(holds(parsed, { newest: bar.screened, before: undefined }) ?? null).toBe(slowly(code, bar))
      }),
      { numRuns: 1000 },
    )
  })

  it('has values as a slow evaluator has', () => {
    fc.assert(
      fc.property(value.filter(isShort), barOf, ({ text, code }, bar) => {
        const found = valueIn(parseValue(text, kindOf), bar.screened) ?? null
        expect(found).toBe(slowly(code, bar))
      }),
      { numRuns: 1000 },
    )
  })

  it.each([
    ['not doji and hammer or close>1', '((not doji) and hammer) or (close > 1)'],
    ['close - 1 - 2 > 2 * 3 + 4 / 2 / 2', '((close - 1) - 2) > ((2 * 3) + ((4 / 2) / 2))'],
    ['close>1 AND  NOT rsi_14<>-close', '(close > 1) and (not (rsi_14 != (-close)))'],
    ['doji or hammer and close==1', 'doji or (hammer and (close = 1))'],
    ['close crosses above sma_50 + 1 or doji', '((close) crosses above (sma_50 + 1)) or doji'],
    ['-close*2<--1', '((-close) * 2) < (-(-1))'],
  ])('reads %s as %s', (text, same) => {
    expect(parseScreen(text, kindOf)).toEqual(parseScreen(same, kindOf))
  })

  it.each([
    ['', 'a number, a name or a parenthesis is expected, and the text ends at character 1'],
    ['close >', 'a number, a name or a parenthesis is expected, and the text ends at character 8'],
    ['close > 1 and', 'a number, a name or a parenthesis is expected, and the text ends at character 14'],
    ['close', 'a comparison or a pattern is expected, and there is a number at character 1'],
    ['doji > 1', 'a number or the name of one is expected, and there is a condition at character 1'],
    ['1 < close < 2', 'two comparisons are joined by and at character 11'],
    ['(close > 1', 'a closing parenthesis is missing at character 11'],
    ['close > 1)', 'the end, or what joins conditions, is expected, and there is ")" at character 10'],
    ['close > 1; DROP TABLE symbols', 'no number, name or sign: "; DROP TABLE symbols" at character 10'],
    ['close > price', 'there is no "price" at character 9'],
    ['close > 1e5', 'no number, name or sign: "1e5" at character 9'],
    ['close crosses 1', 'crosses is followed by above or below at character 15'],
    [`${'('.repeat(33)}doji`, 'more than 32 parentheses and signs within each other at character 34'],
    ['doji or '.repeat(70), 'more than 500 characters at character 501'],
    ['1+'.repeat(120), 'more than 200 words at character 201'],
  ])('refuses %s', (text, message) => {
    expect(() => parseScreen(text, kindOf)).toThrow(ScreenError)
    expect(() => parseScreen(text, kindOf)).toThrow(message)
  })

  it('is read, or refused at one of its characters, whatever the text is', () => {
    const words = [
      'close',
      'doji',
      '1',
      '(',
      ')',
      '-',
      '<',
      '=',
      'and',
      'or',
      'not',
      'crosses',
      'above',
      ' ',
      '.',
      '_',
      'é',
    ]
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...words), { maxLength: 60 }), (parts) => {
        const text = parts.join(' ')
        try {
          expect(namesIn(parseScreen(text, kindOf)).every((each) => kindOf(each) !== undefined)).toBe(true)
        } catch (error) {
          if (!(error instanceof ScreenError)) throw error
          const position = Number(/ at character (\d+)$/.exec(error.message)?.[1])
          expect(position).toBeGreaterThan(0)
          expect(position).toBeLessThanOrEqual(text.length + 1)
        }
      }),
      { numRuns: 2000 },
    )
  })

  it('crosses where a value is past the other and was not in the bar before', () => {
    const bar = (close: number | undefined): Screened => ({
      valueOf: (wanted) => (wanted === 'close' ? close : 10),
      hasPattern: () => false,
    })
    const crosses = (to: string, before: Screened | undefined, newest: number) =>
      holds(parseScreen(`close crosses ${to} sma_50`, kindOf), { newest: bar(newest), before })
    expect(crosses('above', bar(10), 11)).toBe(true)
    expect(crosses('above', bar(11), 12)).toBe(false)
    expect(crosses('above', bar(9), 10)).toBe(false)
    expect(crosses('below', bar(10), 9)).toBe(true)
    expect(crosses('above', bar(undefined), 11)).toBeUndefined()
    expect(crosses('above', undefined, 11)).toBeUndefined()
  })
})

describe('the bar before the newest', () => {
  it.each([
    ['close > sma_50 and not doji', false],
    ['rsi_14 < 30 or rsi_14 > 70', false],
    ['close crosses above sma_50', true],
    ['hammer or not (close < 5 and close crosses below 3)', true],
  ])('is asked for by a crossing alone: %s', (text, isAsked) => {
    expect(looksBack(parseScreen(text, kindOf))).toBe(isAsked)
  })
})
