import type { Get, Venue } from './venue.ts'

/** Which of the wanted symbols a venue has. */
export type KnownSymbols = {
  /** As the venue spells them. */
  readonly known: readonly string[]
  readonly unknown: readonly { readonly symbol: string; readonly meant: readonly string[] }[]
}

const SUGGESTIONS = 3

/** Asks a venue which symbols it has; throws what the request throws. */
export async function knownSymbols(venue: Venue, wanted: readonly string[], get: Get): Promise<KnownSymbols> {
  const all = await venue.symbols(get, wanted)
  const byPlainName = Map.groupBy(all, plain)
  const bySpelling = new Map([...all].map((symbol) => [symbol.toUpperCase(), symbol]))
  const known: string[] = []
  const unknown: { symbol: string; meant: readonly string[] }[] = []
  for (const symbol of wanted) {
    const own = all.has(symbol) ? symbol : bySpelling.get(symbol.toUpperCase())
    if (own === undefined) unknown.push({ symbol, meant: meantBy(symbol, { all, byPlainName }) })
    else known.push(own)
  }
  return { known: [...new Set(known)], unknown }
}

function meantBy(
  symbol: string,
  {
    all,
    byPlainName,
  }: { readonly all: ReadonlySet<string>; readonly byPlainName: ReadonlyMap<string, string[]> },
): readonly string[] {
  const same = byPlainName.get(plain(symbol)) ?? []
  const start = plain(symbol).slice(0, 3)
  const near = same.length > 0 ? same : [...all].filter((each) => plain(each).startsWith(start))
  return near.toSorted((one, other) => one.length - other.length).slice(0, SUGGESTIONS)
}

/** Without what venues put between two assets. */
function plain(symbol: string): string {
  return symbol.toUpperCase().replaceAll(/[^A-Z0-9]/g, '')
}
