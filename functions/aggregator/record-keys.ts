import type { ByteCursor } from './byte-cursor.ts'
import { COLON, QUOTE } from './json-characters.ts'

/** Reads a key and its colon; undefined for one that needs the careful reader. */
export function readKey(cursor: ByteCursor): Key | undefined {
  if (!cursor.take(QUOTE)) return undefined
  const bytes = cursor.bytes
  const start = cursor.at
  for (const { key, letters } of KEYS[(bytes[start] ?? 0) - FIRST_LETTER] ?? NO_KEYS) {
    let index = 1
    while (index < letters.length && bytes[start + index] === letters[index]) index++
    if (index < letters.length) continue
    cursor.at = start + index
    return cursor.take(COLON) ? key : undefined
  }
  return undefined
}

const READ_KEYS = [
  'symbol',
  'price',
  'volume',
  'timestamp',
  'source',
  'sequence',
  'ticks',
  'side',
  'id',
  'line',
  'contiguous',
] as const
type Key = (typeof READ_KEYS)[number]
type KeyLetters = { readonly key: Key; readonly letters: Uint8Array }

const FIRST_LETTER = 0x61
const NO_KEYS: readonly KeyLetters[] = []
/** The keys that are read here with their closing quotes, by their first letter. */
const KEYS: readonly (readonly KeyLetters[])[] = Array.from({ length: 26 }, (_, letter) =>
  READ_KEYS.filter((key) => key.charCodeAt(0) === FIRST_LETTER + letter).map((key) => ({
    key,
    letters: new TextEncoder().encode(`${key}"`),
  })),
)
