import { createHash } from 'node:crypto'

import * as z from 'zod'

import { isSymbol } from '../../domain/trade.ts'
import { BadRequestError } from '../http/problem.ts'
import { EARLIEST, LATEST } from '../http/times.ts'

/** Characters of the longest token that is parsed. */
const MAX_LENGTH = 512

/** Unix milliseconds in a token. */
export const placeTime = z.int().min(EARLIEST).max(LATEST)

/** A span in a token, Unix milliseconds. */
export const placeSpan = z.object({ from: placeTime, to: placeTime })

/** A symbol in a token. */
export const placeSymbol = z.string().refine(isSymbol)

const tokenSchema = z.tuple([z.string(), z.unknown()])

/**
 * Tokens that say where the next page begins. They can be read and forged, and give nothing by it: a token holds only
 * a place in the answer of one query, is checked like any parameter, and is refused with any other query.
 */
export type PageTokens<Place> = {
  encode(place: Place): string
  /** @throws BadRequestError when it is not a token of this query */
  decode(token: string): Place
}

/** The tokens of one query, identified by all parameters that change its answer. */
export function pageTokens<Place>(query: readonly unknown[], place: z.ZodType<Place>): PageTokens<Place> {
  const fingerprint = createHash('sha256').update(JSON.stringify(query)).digest('base64url').slice(0, 12)
  return {
    encode: (value) => Buffer.from(JSON.stringify([fingerprint, value])).toString('base64url'),
    decode: (token) => {
      const [of, value] = tokenSchema.safeParse(parse(token)).data ?? [undefined, undefined]
      const parsed = place.safeParse(value)
      if (of === fingerprint && parsed.success) return parsed.data
      throw noToken(token)
    },
  }
}

/** The error of a token of another query. */
export function noToken(token: string): BadRequestError {
  return new BadRequestError([
    {
      parameter: 'page_token',
      value: token,
      allowed: 'the next_page_token of the page before, with all other parameters as they were',
    },
  ])
}

function parse(token: string): unknown {
  if (token.length > MAX_LENGTH) return undefined
  try {
    return JSON.parse(Buffer.from(token, 'base64url').toString('utf8'))
  } catch {
    return undefined
  }
}
