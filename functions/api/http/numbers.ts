import { z } from '@hono/zod-openapi'

/** Formats the text of a decimal for the answer. */
export type NumberFormat = (text: string) => unknown

export const NUMBER_FORMATS = {
  /** A JSON number with every digit: the reader decides how to parse it. */
  number: (text: string): unknown => JSON.rawJSON(text),
  /** The same digits in quotes. */
  string: (text: string): unknown => text,
} as const

/** How a decimal looks in an answer. */
export const decimalSchema = z.union([z.number(), z.string().regex(/^-?\d+(\.\d+)?$/)]).openapi('Decimal', {
  description: 'A number; with numbers=string its exact digits as text',
  example: 150.25,
})

/** The same where there may be none. */
export const nullableDecimalSchema = z.union([decimalSchema, z.null()])

/** Parses JSON, its numbers as they look in an answer, with all their digits. */
export function withNumbers(json: string, number: NumberFormat): unknown {
  return JSON.parse(json, (_key, value: unknown, { source }) =>
    typeof value === 'number' && source !== undefined ? number(source) : value,
  )
}
