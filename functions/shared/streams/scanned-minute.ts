/**
 * Of a regular expression for the text of a record: symbol, minute and revision of bars and signals, as our parts write them.
 * Other symbols, and other ways to write the same, are for the careful readers.
 */
export const SCANNED_MINUTE = String.raw`"symbol":"([\w .:/^=+@#$&!*~()|-]{1,64})","timestamp":"(\d{4}-\d\d-\d\dT\d\d:\d\d:00Z)","timeframe":"1Min","revision":([1-9]\d{0,8})`

/** Unix milliseconds. */
export const SCANNED_TIME = String.raw`(\d{1,15}(?:\.\d{1,6})?)`

/** Whether a text of the form of a minute names one. By its digits, in a twentieth of the time that a `Date` takes. */
export function isCalendarMinute(text: string): boolean {
  const digits = (at: number): number => (text.charCodeAt(at) - ZERO) * 10 + text.charCodeAt(at + 1) - ZERO
  const [year, month, day] = [digits(0) * 100 + digits(2), digits(5), digits(8)]
  return (
    month >= 1 && month <= 12 && day >= 1 && day <= daysOf(year, month) && digits(11) < 24 && digits(14) < 60
  )
}

const ZERO = 0x30

function daysOf(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
  return [4, 6, 9, 11].includes(month) ? 30 : 31
}
