/** A string, or whatever else stands between the marks of JSON; then white space, which is left out. */
const TOKEN = /"(?:[^"\\]|\\.)*"|[[\]{},:]|[^\s"[\]{},:]+/g

const INDENT = '  '

/**
 * Lays out JSON over lines. Its tokens stay as they are, since to parse a number and to write it again would change digits;
 * objects and lists without others in them stay on a line.
 */
export function indentJson(text: string): string {
  const tokens = text.match(TOKEN) ?? []
  let laidOut = ''
  let depth = 0
  for (let index = 0; index < tokens.length; index++) {
    const token = tokens[index] ?? ''
    if (token === '{' || token === '[') {
      const flat = flatFrom(tokens, index)
      if (flat === undefined) laidOut += `${token}${newLine(++depth)}`
      else {
        laidOut += flat.text
        index = flat.end
      }
    } else if (token === '}' || token === ']') laidOut += `${newLine(--depth)}${token}`
    else if (token === ',') laidOut += `,${newLine(depth)}`
    else laidOut += token === ':' ? ': ' : token
  }
  return laidOut
}

const MOST_FLAT_TOKENS = 60

/** The object or list that begins there, on one line; undefined when another is in it, or it is long. */
function flatFrom(
  tokens: readonly string[],
  start: number,
): { readonly text: string; readonly end: number } | undefined {
  let text = tokens[start] ?? ''
  for (let index = start + 1; index < Math.min(tokens.length, start + MOST_FLAT_TOKENS); index++) {
    const token = tokens[index] ?? ''
    if (token === '{' || token === '[') return undefined
    text += token === ',' || token === ':' ? `${token} ` : token
    if (token === '}' || token === ']') return { text, end: index }
  }
  return undefined
}

function newLine(depth: number): string {
  return `\n${INDENT.repeat(Math.max(0, depth))}`
}
