/** Characters of JSON as bytes. */
export const QUOTE = 0x22
export const COMMA = 0x2c
export const MINUS = 0x2d
export const COLON = 0x3a
export const DOT = 0x2e
export const ZERO = 0x30
export const BACKSLASH = 0x5c
export const OPEN_ARRAY = 0x5b
export const CLOSE_ARRAY = 0x5d
export const OPEN_OBJECT = 0x7b
export const CLOSE_OBJECT = 0x7d

/** Digits that a double holds exactly. */
export const MAX_DIGITS = 15
export const TIME_DIGITS = 9
