/** How deep objects and arrays of outside JSON may lie in each other. No record, message or token of ours needs 8. */
const MAX_JSON_DEPTH = 32

/** A JSON text is nested deeper than a reader that calls itself may follow. */
export class JsonDepthError extends Error {
  override readonly name = 'JsonDepthError'
}

/**
 * Parses JSON from outside.
 *
 * @throws SyntaxError when it is not JSON
 * @throws JsonDepthError when it is nested deeper than `MAX_JSON_DEPTH`
 */
export function parseShallowJson(text: string): unknown {
  refuseDepth(text)
  return JSON.parse(text)
}

/**
 * To be called before anything walks a text from outside: the readers, `JSON.stringify` and Postgres call themselves for
 * each level.
 *
 * @throws JsonDepthError when it is nested deeper than `MAX_JSON_DEPTH`
 */
export function refuseDepth(text: string): void {
  if (hasFewOpenings(text)) return
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) at = closingQuote(text, at)
    else if (code === OPEN_OBJECT || code === OPEN_ARRAY) {
      if (++depth > MAX_JSON_DEPTH)
        throw new JsonDepthError(
          `objects and arrays lie in each other more than ${MAX_JSON_DEPTH} deep, from character ${at} on`,
        )
    } else if (code === CLOSE_OBJECT || code === CLOSE_ARRAY) depth--
  }
}

/** The place of a string's closing quote, or the end of the text. */
export function closingQuote(text: string, start: number): number {
  let at = start + 1
  while (at < text.length && text.charCodeAt(at) !== QUOTE) at += text.charCodeAt(at) === BACKSLASH ? 2 : 1
  return at
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN_ARRAY = 0x5b
const CLOSE_ARRAY = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d

/** True for nearly every text, and found faster than its depth. */
function hasFewOpenings(text: string): boolean {
  let left = MAX_JSON_DEPTH
  for (const opening of ['{', '['])
    for (let at = text.indexOf(opening); at >= 0; at = text.indexOf(opening, at + 1))
      if (--left < 0) return false
  return true
}
