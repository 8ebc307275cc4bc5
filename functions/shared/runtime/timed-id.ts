import { randomInt } from 'node:crypto'

const LETTERS = 'abcdefghjkmnpqrstuvwxyz23456789'

/** A new id; ids are in the order of their time, as `20251110-172400123-k7x2`. */
export function newId(now: number): string {
  const digits = new Date(now).toISOString().replaceAll(/\D/g, '')
  const random = Array.from({ length: 4 }, () => LETTERS[randomInt(LETTERS.length)]).join('')
  return `${digits.slice(0, 8)}-${digits.slice(8)}-${random}`
}

/** When an id was made; Unix milliseconds. */
export function timeOf(id: string): number {
  const [, y, m, d, h, min, s, ms] = /^(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d)(\d{3})-/.exec(id) ?? []
  return Date.parse(`${y}-${m}-${d}T${h}:${min}:${s}.${ms}Z`)
}
