/** A line without its end. */
export type Line = {
  /** From 1. */
  readonly number: number
  readonly text: string
  /** The line is longer than {@link MAX_LINE_LENGTH}; `text` is only its beginning. */
  readonly overlong: boolean
}

/** Characters of a line that are kept: limits the memory when a file has no line ends. */
export const MAX_LINE_LENGTH = 65_536

/** The lines of UTF-8 text, ended by LF or CRLF, as they come; a byte order mark is left out. */
export async function* readLines(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<readonly Line[], void, undefined> {
  const decoder = new TextDecoder()
  let number = 1
  let rest = ''
  let overlong = false
  for await (const chunk of chunks) {
    const lines: Line[] = []
    const text = decoder.decode(chunk, { stream: true })
    let from = 0
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', from)) {
      lines.push(lineOf(number++, overlong ? rest : rest + text.slice(from, end), overlong))
      from = end + 1
      rest = ''
      overlong = false
    }
    if (!overlong) rest += text.slice(from)
    if (rest.length > MAX_LINE_LENGTH) {
      overlong = true
      rest = rest.slice(0, MAX_LINE_LENGTH)
    }
    if (lines.length > 0) yield lines
  }
  rest += decoder.decode()
  if (rest !== '') yield [lineOf(number, rest, overlong)]
}

/** @param overlong the text is only the beginning */
export function lineOf(number: number, text: string, overlong: boolean): Line {
  if (overlong || text.length > MAX_LINE_LENGTH) {
    return { number, text: text.slice(0, MAX_LINE_LENGTH), overlong: true }
  }
  return { number, text: text.endsWith('\r') ? text.slice(0, -1) : text, overlong: false }
}
