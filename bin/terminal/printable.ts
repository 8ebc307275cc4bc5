/** What moves a terminal's cursor, colours it, begins a line, or turns the direction of text around. */
const HARMFUL = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu
const HARMFUL_BUT_LINES = /(?!\n)[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu

/** Text that may come from outside as one line for a terminal or a log: each harmful character as its escape, `\u001b`. */
export function printable(text: string): string {
  return text.replaceAll(HARMFUL, escaped)
}

/** The same of text that is meant to have several lines. */
export function printableLines(text: string): string {
  return text.replaceAll(HARMFUL_BUT_LINES, escaped)
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
