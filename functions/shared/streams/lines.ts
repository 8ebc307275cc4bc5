import type { Payload } from './payload.ts'

/** What Kinesis counts as one put. */
const MOST_BYTES = 25_000
const NEWLINE = '\n'

/** JSON texts of one symbol as records, oldest first: several to a record, a line each, as many as Kinesis counts as one put. */
export function packLines(texts: readonly string[]): string[] {
  const [only] = texts
  if (texts.length <= 1) return only === undefined ? [] : [only]
  const records: string[] = []
  let lines: string[] = []
  let bytes = 0
  for (const text of texts) {
    const size = Buffer.byteLength(text) + 1
    if (lines.length > 0 && bytes + size > MOST_BYTES) {
      records.push(lines.join(NEWLINE))
      lines = []
      bytes = 0
    }
    lines.push(text)
    bytes += size
  }
  records.push(lines.join(NEWLINE))
  return records
}

/**
 * Reads the JSON texts of a record, a line each; a text that stretches over lines is read as one.
 *
 * @param refuse is told what reading a line throws, where there are others
 * @throws what reading the only one throws
 */
export function readLines<Item>(
  payload: Payload,
  read: (text: string) => Item,
  refuse: (error: unknown) => void,
): Item[] {
  const lines = linesOf(payload.text())
  const [only] = lines
  if (lines.length === 1 && only !== undefined) return [read(only)]
  const items: Item[] = []
  for (const line of lines)
    try {
      items.push(read(line))
    } catch (error) {
      refuse(error)
    }
  return items
}

/** The JSON texts of a record. */
export function linesOf(text: string): readonly string[] {
  if (!text.includes(NEWLINE)) return [text]
  const lines = text.split(NEWLINE).filter((line) => line.trim() !== '')
  const [first = ''] = lines
  return first.startsWith('{') && first.trimEnd().endsWith('}') ? lines : [text]
}
