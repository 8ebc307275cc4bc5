import { request } from '../api/request.ts'
import { qualitySchema } from '../api/system-schemas.ts'
import { watched } from './lists.ts'
import { Poll } from './poll.ts'

/** What the API answers at once: 500 days of all symbols together, and these have the last seven each. */
export const MOST_SYMBOLS = 71

/** How good the bars of the watched symbols are, of the last seven days. */
export const quality = new Poll(async () => {
  const symbols = watched.value.slice(0, MOST_SYMBOLS)
  if (symbols.length === 0) return { days: [] }
  return await request('/v1/quality', {
    schema: qualitySchema,
    parameters: { symbols: symbols.join(',') },
  })
}, 60_000)
