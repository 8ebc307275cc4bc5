/**
 * Whether a symbol fits one of some patterns, in which `*` stands for any characters.
 *
 * @param patterns with commas between them, since symbols may hold spaces: `CL*,NG*`; empty for none
 * @throws RangeError naming a pattern that no symbol can fit
 */
export function symbolMatcher(patterns: string): (symbol: string) => boolean {
  const texts = patterns === '' ? [] : patterns.split(',').map((each) => each.trim())
  for (const text of texts)
    if (text === '' || text.length > MAX_PATTERN)
      throw new RangeError(
        `pattern ${JSON.stringify(text)} is empty or longer than ${MAX_PATTERN} characters; allowed are symbols with * for any characters, and commas between them, as CL*,NG*`,
      )
  return (symbol) => texts.some((text) => fits(symbol, text))
}

const MAX_PATTERN = 64

/** Linear in the length of the symbol for each star: the pieces between stars are found from left to right. */
function fits(symbol: string, pattern: string): boolean {
  const [first = '', ...others] = pattern.split('*')
  const last = others.pop()
  if (last === undefined) return symbol === pattern
  if (symbol.length < first.length + last.length || !symbol.startsWith(first) || !symbol.endsWith(last))
    return false
  const end = symbol.length - last.length
  let at = first.length
  for (const piece of others) {
    const found = symbol.indexOf(piece, at)
    if (found < 0 || found + piece.length > end) return false
    at = found + piece.length
  }
  return true
}
