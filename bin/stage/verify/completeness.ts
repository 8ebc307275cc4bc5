import { type Client, DatabaseError } from 'pg'
import * as z from 'zod'

import { type Finding, finding } from './finding.ts'
import { reasonOf } from './reason.ts'

const CHECK = 'bars of the last hour that lack trades'
const SHOWN = 5

const COUNTS = `
  SELECT count(*) FILTER (WHERE complete) AS whole, count(*) FILTER (WHERE NOT complete) AS incomplete,
    count(*) FILTER (WHERE complete IS NULL) AS untold
  FROM ohlcv_1min WHERE timestamp > now() - interval '1 hour' AND NOT withdrawn`
const INCOMPLETE = `
  SELECT symbol, to_char(timestamp AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI"Z"') AS minute
  FROM ohlcv_1min WHERE timestamp > now() - interval '1 hour' AND NOT complete AND NOT withdrawn
  ORDER BY timestamp, symbol LIMIT ${SHOWN}`

const countsSchema = z.tuple([
  z.object({ whole: z.coerce.number(), incomplete: z.coerce.number(), untold: z.coerce.number() }),
])
const incompleteSchema = z.array(z.object({ symbol: z.string(), minute: z.string() }))

/** Whether every trade of the venues is in the bars, where their ids tell. */
export async function checkCompleteness(client: Client): Promise<Finding[]> {
  try {
    const [{ whole, incomplete, untold }] = countsSchema.parse((await client.query(COUNTS)).rows)
    if (whole + incomplete === 0) {
      const found =
        untold === 0 ? 'no bars' : `${untold} bars, whose venues do not number trades without a hole`
      return [{ check: CHECK, expected: 'none', found, verdict: 'none-yet' }]
    }
    const rows = incomplete === 0 ? [] : (await client.query(INCOMPLETE)).rows
    const which = incompleteSchema.parse(rows).map(({ symbol, minute }) => `${symbol} ${minute}`)
    const named = incomplete === 0 ? '' : `: ${which.join(', ')}${incomplete > SHOWN ? ', ...' : ''}`
    const found = `${incomplete} of ${whole + incomplete}${named}${untold === 0 ? '' : `; ${untold} do not tell`}`
    return [finding(CHECK, 'none', { found, holds: incomplete === 0 })]
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error
    return [finding(CHECK, 'none', { found: reasonOf(error), holds: false })]
  }
}
