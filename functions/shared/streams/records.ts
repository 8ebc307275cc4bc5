import * as z from 'zod'

import { JsonDepthError, parseShallowJson } from './json-depth.ts'
import { scanBar } from './scan-bar.ts'
import { isCalendarMinute } from './scanned-minute.ts'

/**
 * A decimal in its one canonical spelling: up to 18 decimals, no exponent, no leading zeros, no trailing zeros after the
 * point (`-0.5`, `150`, `150.25`); up to 30 digits before it, which no sum of volumes of 15 digits reaches.
 */
export const decimalSchema = canonicalDecimal({ integerDigits: 30, decimals: 18 })

/** The same of what is not below zero. */
const amountSchema = decimalSchema.refine((text) => !text.startsWith('-'), 'must not be negative')

/** Σ(price·volume) has the decimals of both. */
const notionalSchema = canonicalDecimal({ integerDigits: 45, decimals: 36 })

function canonicalDecimal({
  integerDigits,
  decimals,
}: {
  readonly integerDigits: number
  readonly decimals: number
}) {
  const pattern = new RegExp(
    `^(?!-0$)-?(?:0|[1-9]\\d{0,${integerDigits - 1}})(?:\\.\\d{0,${decimals - 1}}[1-9])?$`,
  )
  return z.string().regex(pattern, 'expected a canonical decimal such as "150.25"')
}

/** The start of a minute, ISO 8601, UTC: `2025-11-10T17:24:00Z`. */
export const minuteSchema = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:00Z$/, 'expected a UTC minute such as "2025-11-10T17:24:00Z"')
  .refine(isCalendarMinute, 'no such date or time')

/** The fields of every record of `bars` and `signals` that identify its minute. */
const minuteOfSymbol = {
  symbol: z.string().regex(/^[^\p{C}]{1,64}$/u, 'expected 1 to 64 printable characters'),
  timestamp: minuteSchema,
  timeframe: z.literal('1Min'),
  revision: z.int().min(1),
}

/** A record of `bars`: one revision of a closed bar. Decimals are exact. */
export const barRecordSchema = z
  .object({
    type: z.literal('bar'),
    ...minuteOfSymbol,
    /** 0 of an imported bar, which any bar of trades replaces. */
    revision: z.int().min(0),
    open: decimalSchema,
    high: decimalSchema,
    low: decimalSchema,
    close: decimalSchema,
    volume: amountSchema,
    /** Σ(price·volume); null in a record of a release that did not tell. */
    notional: notionalSchema.nullable().default(null),
    /** Rounded half up to 8 decimals; null when the volume is 0, or the source does not tell. */
    vwap: decimalSchema.nullable(),
    /** Trades that update the volume; 0 when all were cancelled, none does, or the source does not tell. */
    trade_count: z.int().min(0),
    /** Whether every trade of the venue is in it; null where the venue's ids do not tell. */
    complete: z.boolean().nullable().default(null),
    /** All of its trades were cancelled: there is no bar any more. Prices are those of the revision before. */
    withdrawn: z.boolean().default(false),
    /** Unix milliseconds of what closed the bar: the arrival of a tick, the end of the minute or the flush. */
    closed_at: z.number().min(0),
    /** Whose bar it is, where it was imported and not made of trades. */
    source: z
      .string()
      .regex(/^[a-z][a-z0-9-]{0,31}$/)
      .nullable()
      .default(null),
  })
  .refine(
    ({ revision, source }) => (revision === 0) === (source !== null),
    'only a bar with a source has the revision 0',
  )

export type BarRecord = Readonly<z.infer<typeof barRecordSchema>>

/** When the values were computed, and the close of the bar that they were computed from; both Unix milliseconds. */
const computed = { calculated_at: z.number().min(0), closed_at: z.number().min(0) }

const ratio = z.number().min(0).max(1)

/** As `z.record(z.string(), z.number())` has it, which takes several times as long: there are some hundred values in a record. */
function numbersByName() {
  return z
    .custom<Readonly<Record<string, number>>>(isObject, 'expected numbers by name')
    .superRefine((values, context) => {
      for (const [name, value] of Object.entries(values))
        if (!Number.isFinite(value))
          context.addIssue({ code: 'custom', path: [name], message: 'expected a finite number' })
    })
}

function isObject(given: unknown): boolean {
  return typeof given === 'object' && given !== null && !Array.isArray(given)
}

/** A record of `signals`: the indicators of a minute. */
export const indicatorsRecordSchema = z.object({
  type: z.literal('indicators'),
  ...minuteOfSymbol,
  ...computed,
  /** By name, `rsi_14`; those only that have a value. Doubles, so JSON numbers lose nothing. */
  values: numbersByName(),
})

export type IndicatorsRecord = Readonly<z.infer<typeof indicatorsRecordSchema>>

/** A record of `signals`: the patterns of a minute. */
export const patternsRecordSchema = z.object({
  type: z.literal('patterns'),
  ...minuteOfSymbol,
  ...computed,
  patterns: z.array(
    z.object({
      pattern_type: z.string().min(1),
      direction: z.enum(['bullish', 'bearish', 'neutral']),
      /** TA-Lib's own. */
      strength: z.union([z.literal(80), z.literal(100)]),
      confidence: ratio,
      pattern_data: z.record(z.string(), z.unknown()),
    }),
  ),
  /** Patterns that an earlier revision had and this one has not. */
  withdrawn: z.array(z.string().min(1)),
})

export type PatternsRecord = Readonly<z.infer<typeof patternsRecordSchema>>

/** Any record of `signals`. */
export type SignalRecord = IndicatorsRecord | PatternsRecord

const writableSchema = z.discriminatedUnion('type', [
  barRecordSchema,
  indicatorsRecordSchema,
  patternsRecordSchema,
])

/** A record that is not what its stream carries; the message names each field that is wrong. */
export class RecordError extends Error {
  override readonly name = 'RecordError'
}

/**
 * Parses the JSON text of a record of `bars`.
 * @throws {RecordError} when the text is not JSON or not a bar.
 */
export function parseBarRecord(text: string): BarRecord {
  return scanBar(text) ?? parseRecord(text, { schema: barRecordSchema, name: 'a bar record' })
}

/**
 * Parses the JSON text of a record of `bars` or `signals`.
 * @throws {RecordError} when the text is not JSON or none of theirs.
 */
export function parseWritableRecord(text: string): BarRecord | SignalRecord {
  return scanBar(text) ?? parseRecord(text, { schema: writableSchema, name: 'a record of bars or signals' })
}

/** What is wrong with a record is said this often; the record itself is in the dead-letter bucket. */
const MAX_REASONS = 5

function parseRecord<Schema extends z.ZodType>(
  text: string,
  { schema, name }: { readonly schema: Schema; readonly name: string },
): z.output<Schema> {
  const result = schema.safeParse(parseJson(text))
  if (result.success) return result.data
  const { issues } = result.error
  const reasons = issues
    .slice(0, MAX_REASONS)
    .map((issue) => `${excerpt(issue.path.join('.')) || 'record'}: ${excerpt(issue.message)}`)
  if (issues.length > MAX_REASONS) reasons.push(`and ${issues.length - MAX_REASONS} more`)
  throw new RecordError(`not ${name} (${reasons.join('; ')}): ${excerpt(text)}`)
}

function parseJson(text: string): unknown {
  try {
    return parseShallowJson(text)
  } catch (error) {
    if (error instanceof JsonDepthError)
      throw new RecordError(`${error.message}: ${excerpt(text)}`, { cause: error })
    throw new RecordError(`not JSON: ${excerpt(text)}`, { cause: error })
  }
}

function excerpt(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}… (${text.length} characters)` : text
}
