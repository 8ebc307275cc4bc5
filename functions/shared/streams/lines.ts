import type { Payload } from './payload.ts'
import { putInOrder, type PutOptions, type PutRecords } from './put-in-order.ts'

/** What Kinesis counts as one put. */
const MOST_BYTES = 25_000
const NEWLINE = '\n'

/** JSON texts of one symbol as records, oldest first: several to a record, a line each, as many as Kinesis counts as one put. */
export function packLines(texts: readonly string[]): string[] {
  const records: string[][] = []
  let left = 0
  for (const text of texts) {
    const size = Buffer.byteLength(text) + 1
    if (size > left) {
      records.push([])
      left = MOST_BYTES
    }
    records.at(-1)?.push(text)
    left -= size
  }
  return records.map((lines) => lines.join(NEWLINE))
}

/** Puts each symbol's JSON texts in order, several to a record; resolves when they are on the stream. @throws as `putInOrder` */
export async function putLines(
  put: PutRecords,
  stream: string,
  texts: ReadonlyMap<string, readonly string[]>,
  options: PutOptions = {},
): Promise<void> {
  const records = new Map([...texts].map(([symbol, own]) => [symbol, packLines(own)]))
  await putInOrder(put, stream, records, options)
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
