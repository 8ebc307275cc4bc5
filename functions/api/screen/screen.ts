import { z } from '@hono/zod-openapi'

import { looksBack, namesIn } from '../../domain/screen/evaluate-screen.ts'
import { type NameKind, ScreenError } from '../../domain/screen/expression.ts'
import { parseScreen, parseValue } from '../../domain/screen/parse-screen.ts'
import { LONGEST_SCREEN } from '../../domain/screen/read-words.ts'
import { PATTERNS } from '../../domain/patterns/table.ts'
import { timeSchema } from '../bars/bar-view.ts'
import { cutParameters } from '../computed/signal-parameters.ts'
import { type Answer, endpoint } from '../endpoint.ts'
import { decimalSchema, type NumberFormat } from '../http/numbers.ts'
import { describedTime, listOf, MAX_LIMIT, numbersParameter, wholeNumber } from '../http/parameters.ts'
import { BadRequestError } from '../http/problem.ts'
import { type ColumnOf, type Table, tableOf } from '../http/table.ts'
import { timeText } from '../http/time-text.ts'
import { shortened } from '../page/fit.ts'
import { type Match, readScreen } from './read-screen.ts'
import { barSourceOf } from './bar-source.ts'
import { isEntry, LOOK_BACK_DAYS } from './screened-symbols.ts'
import { BAR_VALUES, type BarValue } from './select-screened.ts'

const CONDITION_ALLOWED = 'a condition such as rsi_14 < 30 and close > sma_50'
const ORDER_ALLOWED = 'a number such as volume or close / sma_50'
const MAX_ENTRIES = 100
const ENTRIES_ALLOWED = `1 to ${MAX_ENTRIES} symbols with commas between them; a star stands for any end, and alone for all symbols`

/** Symbols for whose newest bars a condition holds. */
export const screen = endpoint({
  path: '/v1/screen',
  summary: 'Screener',
  description: `Symbols for whose newest bar a condition holds, of those with a bar in the ${LOOK_BACK_DAYS} days before \`at\`. Bars of another timeframe or session than 1Min and all hours are computed, and the newest is the last that is over. docs/screener.md explains what may be asked.`,
  parameters: z.object({
    where: z
      .string(CONDITION_ALLOWED)
      .min(1, CONDITION_ALLOWED)
      .openapi({
        minLength: 1,
        maxLength: LONGEST_SCREEN,
        example: 'rsi_14 < 30 and close > sma_50',
        description: `The condition, of up to ${LONGEST_SCREEN} characters: comparisons of numbers, of ${Object.keys(BAR_VALUES).join(', ')} and of indicators, with + - * /; \`crosses above\` and \`crosses below\`; names of patterns; joined by and, or, not and parentheses`,
      }),
    symbols: listOf(isEntry, MAX_ENTRIES, ENTRIES_ALLOWED)
      .default(['*'])
      .openapi({ type: 'string', default: '*', example: 'AAPL,BTC*', description: ENTRIES_ALLOWED }),
    text: z
      .string()
      .min(1, 'a part of a symbol')
      .max(64, 'up to 64 characters')
      .optional()
      .openapi({ description: 'Only symbols that contain this, in any case', example: 'usd' }),
    ...cutParameters,
    at: describedTime(
      'The newest bar up to then, which is over by then where it is not one of 1Min and all hours; the newest bar there is by default',
    ),
    order: z.string().min(1, ORDER_ALLOWED).optional().openapi({
      maxLength: LONGEST_SCREEN,
      example: 'rsi_14',
      description: 'What to order by, as numbers are in `where`; by symbol when it is left out',
    }),
    sort: z.enum(['asc', 'desc'], 'asc or desc').default('asc').openapi({
      description: 'The least of `order` first, or the most; symbols without it come last',
    }),
    limit: wholeNumber({
      max: MAX_LIMIT,
      fallback: 100,
      allowed: `a whole number from 1 to ${MAX_LIMIT}`,
    }).openapi({
      type: 'integer',
      minimum: 1,
      maximum: MAX_LIMIT,
      default: 100,
      description: 'How many; `found` says how many there are',
    }),
    numbers: numbersParameter,
  }),
  answer: z
    .object({
      matches: z.array(
        z
          .object({
            symbol: z.string(),
            t: timeSchema.openapi({ description: "The bar's start" }),
            values: z.record(z.string(), decimalSchema).openapi({
              description: 'The close, and what `where` and `order` name',
            }),
            patterns: z
              .array(z.string())
              .openapi({ description: 'Those that `where` names and the bar completes' }),
          })
          .openapi('Match'),
      ),
      found: z.int().openapi({ description: 'Matches, of which the limit leaves those above' }),
      screened: z.int().openapi({ description: 'Symbols that were looked at' }),
    })
    .openapi('Screen'),
  lists: 'rows',
  read: async ({ limit, numbers, symbols, text, at, sort, timeframe, tz, session, ...given }, sources) => {
    const kindOf = kindsOf(sources.indicators)
    const where = read('where', given.where, (expression) => parseScreen(expression, kindOf))
    const order =
      given.order === undefined
        ? undefined
        : read('order', given.order, (expression) => parseValue(expression, kindOf))
    const names = [...new Set(['close', ...namesIn(where), ...(order ? namesIn(order) : [])])]
    const shown = names.filter((name) => kindOf(name) === 'value')
    const patterns = names.filter((name) => kindOf(name) === 'pattern')
    const own = shown.filter(isBarValue)
    const indicators = shown.filter((name) => !isBarValue(name))
    const { matches, found, screened } = await readScreen(sources, {
      where,
      order,
      direction: sort,
      limit,
      names: [...own, ...indicators],
      ...(await barSourceOf(sources, {
        cut: { timeframe, tz, session },
        which: { entries: symbols, text },
        at,
        wanted: { own, indicators, patterns, looksBack: looksBack(where) },
      })),
    })
    const answer = (most: number): Answer => {
      const rows = matches.slice(0, most)
      return {
        json: () => ({ matches: rows.map((row) => view(row, shown, numbers)), found, screened }),
        table: () => tableIn(rows, { shown, patterns }),
        lifetime: 'live',
        ...shortened(rows.length, answer),
      }
    }
    return answer(limit)
  },
})

/** What names stand for; a pattern that the config does not look for is one, and is in no bar. */
function kindsOf(indicators: readonly string[]): (name: string) => NameKind | undefined {
  const values = new Set([...Object.keys(BAR_VALUES), ...indicators])
  const patterns = new Set(PATTERNS.map(({ name }) => name))
  return (name) => (values.has(name) ? 'value' : patterns.has(name) ? 'pattern' : undefined)
}

function isBarValue(name: string): name is BarValue {
  return Object.hasOwn(BAR_VALUES, name)
}

function read<Result>(parameter: string, text: string, parse: (text: string) => Result): Result {
  try {
    return parse(text)
  } catch (error) {
    if (!(error instanceof ScreenError)) throw error
    const allowed = `${parameter === 'where' ? CONDITION_ALLOWED : ORDER_ALLOWED} (${error.message})`
    throw new BadRequestError([{ parameter, value: text, allowed }])
  }
}

function view({ symbol, time, values, patterns }: Match, shown: readonly string[], number: NumberFormat) {
  const found = shown.flatMap((name) => {
    const value = values.get(name)
    return value === undefined ? [] : [[name, number(value)] as const]
  })
  return { symbol, t: timeText(time), values: Object.fromEntries(found), patterns }
}

function tableIn(
  rows: readonly Match[],
  { shown, patterns }: { readonly shown: readonly string[]; readonly patterns: readonly string[] },
): Table {
  const values = shown.map((name): ColumnOf<Match> => [
    name,
    'decimal',
    (row) => row.values.get(name) ?? null,
  ])
  const found = patterns.map((name): ColumnOf<Match> => [
    name,
    'boolean',
    (row) => row.patterns.includes(name),
  ])
  return tableOf(rows, [
    ['symbol', 'text', ({ symbol }) => symbol],
    ['t', 'second', ({ time }) => time * 1000],
    ...values,
    ...found,
  ])
}
