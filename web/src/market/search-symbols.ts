const MOST_FOUND = 20

/** Symbols that match what was typed: equal first, then those that begin with it, then those that have it. */
export function searchSymbols(symbols: readonly string[], typed: string): readonly string[] {
  const wanted = typed.trim().toLowerCase()
  if (wanted === '') return symbols.slice(0, MOST_FOUND)
  const rankOf = (symbol: string): number => {
    if (symbol === typed.trim()) return 0
    const text = symbol.toLowerCase()
    if (text === wanted) return 1
    return text.startsWith(wanted) ? 2 : text.includes(wanted) ? 3 : 4
  }
  const ranked = symbols.map((symbol) => ({ symbol, rank: rankOf(symbol) })).filter(({ rank }) => rank < 4)
  return ranked
    .toSorted((a, b) => a.rank - b.rank)
    .slice(0, MOST_FOUND)
    .map(({ symbol }) => symbol)
}
