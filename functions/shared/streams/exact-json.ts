import { closingQuote, refuseDepth } from './json-depth.ts'

/** A JSON number, kept as its text: binary floating point would lose digits of it. */
export class NumberText {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

/**
 * Parses JSON and keeps every number's text. `NaN`, `Infinity` and `-Infinity`, which many producers write as numbers
 * though JSON has none of them, are texts too: one bad number must not cost its neighbours.
 *
 * @throws SyntaxError when it is not JSON
 * @throws JsonDepthError when it is nested deeper than `MAX_JSON_DEPTH`
 */
export function parseExactJson(text: string): unknown {
  refuseDepth(text)
  try {
    return parse(text)
  } catch (error) {
    const mended = withoutBareWords(text)
    if (mended === undefined) throw error
    return parse(mended)
  }
}

function parse(text: string): unknown {
  return JSON.parse(text, (_key, value: unknown, context?: { source?: string }) =>
    typeof value === 'number' ? new NumberText(context?.source ?? String(value)) : value,
  )
}

/** Writes what `parseExactJson` read, every number with its own text. */
export function formatExactJson(value: unknown): string {
  if (value instanceof NumberText) return value.text
  if (Array.isArray(value)) return `[${value.map(formatExactJson).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  return `{${Object.entries(value)
    .map(([key, inner]) => `${JSON.stringify(key)}:${formatExactJson(inner)}`)
    .join(',')}}`
}

const BARE_WORDS = ['NaN', 'Infinity', '-Infinity'] as const

/** The text with quotes around the numbers that JSON does not have; undefined where there are none. */
function withoutBareWords(text: string): string | undefined {
  const written: string[] = []
  let copied = 0
  let at = 0
  while (at < text.length) {
    if (text[at] === '"') {
      at = closingQuote(text, at) + 1
      continue
    }
    const word = BARE_WORDS.find((each) => text.startsWith(each, at))
    if (word === undefined) {
      at++
      continue
    }
    written.push(text.slice(copied, at), JSON.stringify(word))
    at += word.length
    copied = at
  }
  return written.length === 0 ? undefined : written.join('') + text.slice(copied)
}
