import { reasonOf } from '../errors.ts'
import { knownSymbols } from './known-symbols.ts'
import { NoAnswerError } from './rest-client.ts'
import type { Get, Venue } from './venue.ts'

/** The venue has none of the symbols. */
export class UnknownSymbolsError extends Error {
  override readonly name = 'UnknownSymbolsError'
}

/**
 * The symbols that the venue has, as it spells them; all of them where it does not say.
 *
 * @throws UnknownSymbolsError when it has none of them
 */
export async function usableSymbols(
  { venue, symbols }: { readonly venue: Venue; readonly symbols: readonly string[] },
  { get, report }: { readonly get: Get; readonly report: (text: string) => void },
): Promise<readonly string[]> {
  const found = await knownSymbols(venue, symbols, get).catch((error: unknown) => {
    // Without a network, the one line is that of the connection.
    if (!(error instanceof NoAnswerError)) report(`its list of symbols cannot be read: ${reasonOf(error)}`)
    return undefined
  })
  if (found === undefined) return symbols
  const faults = found.unknown.map(({ symbol, meant }) =>
    meant.length === 0 ? `it has no ${symbol}` : `it has no ${symbol}; did you mean ${meant.join(' or ')}?`,
  )
  if (found.known.length === 0) throw new UnknownSymbolsError(`${venue.name}: ${faults.join('; ')}`)
  for (const fault of faults) report(fault)
  return found.known
}
