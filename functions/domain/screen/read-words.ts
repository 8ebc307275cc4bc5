import { ScreenError } from './expression.ts'

/** A word of a screen. */
export type Word = {
  readonly type: 'number' | 'name' | 'sign' | 'end'
  readonly text: string
  /** From 1. */
  readonly position: number
}

/** Characters of a screen, */
export const LONGEST_SCREEN = 500
/** and words. */
const MOST_WORDS = 200

const SPACE = /\s*/y
const WORD =
  /(?<number>\d{1,15}(?:\.\d{1,15})?(?![\w.]))|(?<name>[A-Za-z_][\w.]{0,63}(?![\w.]))|(?<sign><=|>=|!=|<>|==|[-+*/()<>=])/y

/** @throws ScreenError at what is no word, and where there are too many */
export function readWords(text: string): Word[] {
  if (text.length > LONGEST_SCREEN)
    throw new ScreenError(`more than ${LONGEST_SCREEN} characters`, LONGEST_SCREEN + 1)
  const words: Word[] = []
  let place = endOf(SPACE, text, 0)
  while (place < text.length) {
    WORD.lastIndex = place
    const groups = WORD.exec(text)?.groups
    if (groups === undefined)
      throw new ScreenError(`no number, name or sign: ${shown(text, place)}`, place + 1)
    if (words.length === MOST_WORDS) throw new ScreenError(`more than ${MOST_WORDS} words`, place + 1)
    const { number, name, sign = '' } = groups
    const type = number === undefined ? (name === undefined ? 'sign' : 'name') : 'number'
    words.push({ type, text: number ?? name ?? SIGNS.get(sign) ?? sign, position: place + 1 })
    place = endOf(SPACE, text, WORD.lastIndex)
  }
  words.push({ type: 'end', text: '', position: text.length + 1 })
  return words
}

/** Other spellings. */
const SIGNS: ReadonlyMap<string, string> = new Map([
  ['==', '='],
  ['<>', '!='],
])

function endOf(pattern: RegExp, text: string, place: number): number {
  pattern.lastIndex = place
  pattern.test(text)
  return pattern.lastIndex
}

function shown(text: string, place: number): string {
  return JSON.stringify(text.slice(place, place + 20))
}
