import { VENUES } from './index.ts'
import type { Venue } from './venue.ts'

/** A venue, and the symbols that are wanted of it where they are named. */
export type NamedVenue = { readonly venue: Venue; readonly symbols: readonly string[] | undefined }

/**
 * Reads `NAME` or `NAME=SYMBOL,SYMBOL`.
 *
 * @throws RangeError when there is no such venue, or a symbol is empty
 */
export function parseVenue(text: string): NamedVenue {
  const [name = '', list] = text.split(/=(.*)/s)
  const venue = VENUES.get(name.toLowerCase())
  if (venue === undefined)
    throw new RangeError(`there is no venue ${name}; the venues are ${[...VENUES.keys()].join(', ')}`)
  const symbols = list?.split(',').map((each) => each.trim())
  if (symbols?.includes('') === true)
    throw new RangeError(`${text} has a symbol without a name; give it as ${name}=SYMBOL,SYMBOL`)
  return { venue, symbols }
}

/**
 * Reads several, with spaces between them: symbols of venues have none.
 *
 * @throws RangeError when one cannot be read, or is given twice
 */
export function parseVenues(text: string): readonly NamedVenue[] {
  const venues = text.split(/\s+/).flatMap((each) => (each === '' ? [] : [parseVenue(each)]))
  const names = venues.map(({ venue }) => venue.name)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined)
    throw new RangeError(`${twice} is given twice: name its symbols in one, ${twice}=SYMBOL,SYMBOL`)
  return venues
}
