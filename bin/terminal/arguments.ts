import { InvalidArgumentError } from 'commander'

/** Reads a whole number within bounds. */
export function wholeNumber(min: number, max: number) {
  return (text: string): number => {
    const value = Number(text)
    if (/^\d+$/.test(text) && value >= min && value <= max) return value
    throw new InvalidArgumentError(`Give a whole number from ${min} to ${max}.`)
  }
}

/** Reads seconds, fractions allowed. */
export function positive(text: string): number {
  const value = Number(text)
  if (value >= 0.001 && value <= 3600) return value
  throw new InvalidArgumentError('Give seconds from 0.001 to 3600.')
}

/** Reads a number within bounds, fractions allowed. */
export function decimal(min: number, max: number) {
  return (text: string): number => {
    const value = Number(text)
    if (/^\d+(\.\d+)?$/.test(text) && value >= min && value <= max) return value
    throw new InvalidArgumentError(`Give a number from ${min} to ${max}.`)
  }
}

/** Reads one of some words. */
export function oneOf<const Choice extends string>(choices: readonly Choice[]) {
  return (text: string): Choice => {
    const choice = choices.find((each) => each === text)
    if (choice !== undefined) return choice
    throw new InvalidArgumentError(`Give one of: ${choices.join(', ')}.`)
  }
}

/** Reads words with commas between them. */
export function listOf<const Choice extends string>(choices: readonly Choice[]) {
  return (text: string): Choice[] => text.split(',').map((each) => oneOf(choices)(each.trim()))
}

/** Reads texts with commas between them. */
export function commaSeparated(text: string): string[] {
  const texts = text.split(',').map((each) => each.trim())
  if (texts.every((each) => each !== '')) return texts
  throw new InvalidArgumentError('Give names with commas between them.')
}

/** Reads how many symbols, or their names with commas between them. */
export function countOrNames(text: string): number | string[] {
  return /^\d+$/.test(text) ? wholeNumber(1, 10_000)(text) : commaSeparated(text)
}

/** Gathers the values of an option that may be given again. */
export function gathered(text: string, others: readonly string[] = []): readonly string[] {
  return [...others, text]
}

/** Reads a minute in UTC; Unix seconds. */
export function minuteUtc(text: string): number {
  const [, day, time = '00:00'] = /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2})(?::00)?Z?)?$/.exec(text) ?? []
  const milliseconds = Date.parse(`${day}T${time}:00Z`)
  // JavaScript reads the 31st of a shorter month as a day of the next one.
  if (day !== undefined && new Date(milliseconds || 0).toISOString().startsWith(`${day}T${time}`))
    return milliseconds / 1000
  throw new InvalidArgumentError('Give a day or a minute, UTC: 2025-11-10 or 2025-11-10T14:30.')
}

/** Reads a day in UTC; Unix seconds of its start. */
export function dayUtc(text: string): number {
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return minuteUtc(text)
  throw new InvalidArgumentError('Give a day, UTC: 2025-11-10.')
}

/** Gathers `key=value` of an option that may be given again. */
export function keyValue(text: string, others: Readonly<Record<string, string>>): Record<string, string> {
  const [, key, value] = /^(\w+)=(.*)$/.exec(text) ?? []
  if (key !== undefined && value !== undefined) return { ...others, [key]: value }
  throw new InvalidArgumentError('Give key=value.')
}
