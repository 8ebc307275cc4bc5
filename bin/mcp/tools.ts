import * as z from 'zod'

import { ADJUSTMENT_NAMES } from '../../functions/domain/adjustment.ts'
import type { Question } from './read-api.ts'

/** A tool that reads one resource of the REST API. */
export type Tool = {
  readonly name: string
  readonly title: string
  readonly description: string
  readonly input: z.ZodObject
  /** @param given what fits `input` */
  readonly question: (given: unknown) => Question
}

const ROWS = { usual: 100, most: 1000 }

const symbol = z.string().min(1).max(64).describe('A symbol, as AAPL; they are case-sensitive')
const symbols = z.array(symbol).min(1).max(100).describe('Symbols, as ["AAPL","MSFT"]')
const time = z.string().max(40).optional()
const start = time.describe(
  'From: a time as 2025-11-10T14:30:00Z, or a UTC day as 2025-11-10; a day before end by default',
)
const end = time.describe('To, included; now by default')
const cut = {
  tz: z.string().max(64).optional().describe('Whose days, as America/New_York; UTC by default'),
  session: z
    .enum(['regular', 'extended', 'all'])
    .optional()
    .describe('Only the regular or extended hours of the market of the symbol; all by default'),
}
const timeframe = z
  .string()
  .max(20)
  .describe('1Min to 59Min, 1Hour to 23Hour, 1Day, 1Week, or 1Month, 2Month, 3Month, 4Month, 6Month, 12Month')
const sort = z.enum(['asc', 'desc'])
const adjustment = z
  .enum(ADJUSTMENT_NAMES)
  .optional()
  .describe(
    'Prices adjusted by the splits, the dividends or all that were imported; raw, as traded, by default',
  )
const day = z.iso.date().optional()
const page = {
  limit: z.int().min(1).max(ROWS.most).default(ROWS.usual).describe('Rows at the most'),
  page_token: z.string().max(1000).optional().describe('Of the answer before, for the rows behind it'),
}

/** Declares a tool of which the arguments are parameters of its resource, but those in the path. */
function tool<Shape extends z.ZodRawShape>({
  input: shape,
  read,
  ...about
}: Pick<Tool, 'name' | 'title' | 'description'> & {
  readonly input: Shape
  readonly read: (given: z.output<z.ZodObject<Shape>>) => Question
}): Tool {
  const input = z.strictObject(shape)
  return { ...about, input, question: (given) => read(input.parse(given)) }
}

/** All tools; each reads. */
export const TOOLS: readonly Tool[] = [
  tool({
    name: 'bars',
    title: 'Bars',
    description:
      'OHLCV bars as CSV: t is the start in UTC, o h l c the prices, v the volume, n the trades, vw the volume-weighted price, rev the revision, complete whether trades are missing. Minutes without trades have no bar.',
    input: {
      symbols,
      timeframe: timeframe.default('1Day'),
      ...cut,
      adjustment,
      fill: z
        .enum(['none', 'previous', 'zero'])
        .optional()
        .describe('What stands where there were no trades: nothing, the close before, or zeros'),
      start,
      end,
      asof: time.describe('Only what was known at this time'),
      sort: sort.default('asc'),
      ...page,
    },
    read: ({ limit, ...query }) => csv('/v1/bars', { ...query, symbols: query.symbols.join(',') }, limit),
  }),
  tool({
    name: 'latest_bars',
    title: 'Newest bars',
    description: 'The newest 1-minute bar of each symbol, as CSV with the columns of bars.',
    input: { symbols, adjustment },
    read: ({ symbols: names, ...query }) => csv('/v1/bars/latest', { ...query, symbols: names.join(',') }),
  }),
  tool({
    name: 'bar_revisions',
    title: 'Corrections of bars',
    description:
      'Bars of one symbol that late trades have corrected: each revision, and when it was written. CSV.',
    input: { symbol, start, end, ...page },
    read: ({ symbol: name, limit, ...query }) =>
      csv(`/v1/bars/${encodeURIComponent(name)}/revisions`, query, limit),
  }),
  tool({
    name: 'indicators',
    title: 'Indicators',
    description:
      'Technical indicators of the bars of one symbol, as CSV with a column each. Name few: without names there are dozens of columns, and those of a timeframe take long.',
    input: {
      symbol,
      names: z
        .array(z.string().max(64))
        .max(100)
        .optional()
        .describe(
          'As ["rsi_14","sma_50"]; latest_indicators shows which there are of 1Min, other timeframes have any period',
        ),
      timeframe: timeframe.default('1Min'),
      ...cut,
      sort: sort.default('asc'),
      start,
      end,
      ...page,
    },
    read: ({ symbol: name, names, limit, ...query }) =>
      csv(
        `/v1/indicators/${encodeURIComponent(name)}`,
        { ...query, form: 'wide', names: names?.join(',') },
        limit,
      ),
  }),
  tool({
    name: 'latest_indicators',
    title: 'Newest indicators',
    description: 'The newest value of each indicator of some symbols, as CSV with a row each.',
    input: {
      symbols,
      names: z.array(z.string().max(64)).max(100).optional(),
      timeframe: timeframe.default('1Min'),
      ...cut,
    },
    read: ({ symbols: names, names: wanted, ...query }) =>
      csv('/v1/indicators/latest', {
        ...query,
        symbols: names.join(','),
        names: wanted?.join(','),
        form: 'long',
      }),
  }),
  tool({
    name: 'patterns',
    title: 'Candlestick patterns',
    description:
      'Candlestick patterns in bars, newest first, as CSV. Of another timeframe than 1Min, name the symbols.',
    input: {
      symbols: symbols.optional(),
      types: z.array(z.string().max(64)).max(50).optional().describe('As ["doji","hammer"]; all by default'),
      min_confidence: z.number().min(0).max(1).optional(),
      timeframe: timeframe.default('1Min'),
      ...cut,
      sort: sort.default('desc'),
      start,
      end,
      ...page,
    },
    read: ({ symbols: names, types, limit, min_confidence: least, ...query }) =>
      csv(
        '/v1/patterns',
        {
          ...query,
          symbols: names?.join(','),
          types: types?.join(','),
          min_confidence: least?.toFixed(8).replace(/\.?0+$/, ''),
        },
        limit,
      ),
  }),
  tool({
    name: 'symbols',
    title: 'Symbols',
    description: 'All symbols that have bars, with their first and last ones, in alphabetical order. CSV.',
    input: page,
    read: ({ limit, ...query }) => csv('/v1/symbols', query, limit),
  }),
  tool({
    name: 'movers',
    title: 'What rose and fell most',
    description:
      'Symbols that rose and fell most since the first bar of the day of the newest bar, in percent. CSV.',
    input: { top: z.int().min(1).max(50).default(10) },
    read: (query) => csv('/v1/movers', query),
  }),
  tool({
    name: 'screen',
    title: 'Screener',
    description:
      'Symbols for whose newest bar a condition holds, with the values that it names. Bars of another timeframe than 1Min are computed, of some hundred symbols at the most. CSV.',
    input: {
      where: z
        .string()
        .min(1)
        .max(500)
        .describe(
          'As "rsi_14 < 30 and close > sma_50", "ema_5 crosses above ema_20", "hammer and not volume < 1000"',
        ),
      symbols: z.array(symbol).min(1).max(100).optional().describe('As ["AAPL","BTC*"]; all by default'),
      text: z.string().min(1).max(64).optional().describe('Only symbols that contain this'),
      timeframe: timeframe.default('1Min'),
      ...cut,
      at: time.describe('The newest bar up to then; now by default'),
      order: z.string().min(1).max(500).optional().describe('What to order by, as "volume"'),
      sort: sort.default('asc'),
      limit: page.limit,
    },
    read: ({ symbols: names, limit, ...query }) =>
      csv('/v1/screen', { ...query, symbols: names?.join(',') }, limit),
  }),
  tool({
    name: 'quality',
    title: 'Quality of the data',
    description:
      'Per symbol and UTC day: minutes with bars, expected ones, incomplete and corrected ones, and whether gaps had no trades or lost some. CSV.',
    input: {
      symbols,
      start: day.describe('First day; a week by default'),
      end: day.describe('Last day; today by default'),
    },
    read: (given) => csv('/v1/quality', { ...given, symbols: given.symbols.join(',') }),
  }),
  tool({
    name: 'health',
    title: 'Health',
    description: 'Whether new bars arrive, and the reason where they do not. JSON.',
    input: {},
    read: () => ({ path: '/v1/health', query: {}, format: 'json' }),
  }),
  tool({
    name: 'stats',
    title: 'Statistics',
    description: 'Bars, trades, corrections and latency of the last ten minutes. JSON.',
    input: {},
    read: () => ({ path: '/v1/stats', query: {}, format: 'json' }),
  }),
]

function csv(path: string, query: Question['query'], limit?: number): Question {
  return { path, query, format: 'csv', ...(limit !== undefined && { limit }) }
}
