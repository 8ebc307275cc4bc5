import type { DecodedArray } from 'hyparquet'

/** Values of a column that has each of them once and then the places of its rows. */
export type Coded = { readonly dictionary: DecodedArray; readonly places: Int32Array }

export function isCoded(values: DecodedArray | Coded): values is Coded {
  return 'places' in values
}

/** The values themselves, of each row. */
export function decoded(values: DecodedArray | Coded): DecodedArray {
  if (!isCoded(values)) return values
  const { dictionary, places } = values
  if (dictionary instanceof BigInt64Array) return decodedWords(dictionary, places)
  if (dictionary instanceof Float64Array)
    return decodedInto(new Float64Array(places.length), dictionary, places)
  if (dictionary instanceof Int32Array) return decodedInto(new Int32Array(places.length), dictionary, places)
  const all: unknown[] = []
  for (let index = 0; index < places.length; index++) all.push(dictionary[places[index] ?? 0])
  return all
}

function decodedInto<Values extends Float64Array | Int32Array>(
  to: Values,
  dictionary: Values,
  places: Int32Array,
): Values {
  for (let index = 0; index < to.length; index++) to[index] = dictionary[places[index] ?? 0] ?? 0
  return to
}

/** In halves: a value of 64 bits that is taken out is an object. */
function decodedWords(dictionary: BigInt64Array, places: Int32Array): BigInt64Array {
  const count = places.length
  const from = new Int32Array(dictionary.buffer, dictionary.byteOffset, 2 * dictionary.length)
  const to = new Int32Array(2 * count)
  for (let index = 0; index < count; index++) {
    const place = places[index] ?? 0
    to[2 * index] = from[2 * place] ?? 0
    to[2 * index + 1] = from[2 * place + 1] ?? 0
  }
  return new BigInt64Array(to.buffer)
}

/** The values of pages as those of one. */
export function joined(pages: readonly (DecodedArray | Coded)[]): DecodedArray | Coded {
  const [first] = pages
  if (pages.length === 1 && first !== undefined) return first
  const coded = pages.filter(isCoded)
  const [{ dictionary } = {}] = coded
  if (dictionary !== undefined && coded.length === pages.length)
    return {
      dictionary,
      places: inOrder(
        new Int32Array(lengthOf(coded.map(({ places }) => places))),
        coded.map(({ places }) => places),
        (to, page, at) => to.set(page, at),
      ),
    }
  return joinedValues(pages.map(decoded))
}

function joinedValues(pages: readonly DecodedArray[]): DecodedArray {
  const length = lengthOf(pages)
  if (pages.every((page) => page instanceof BigInt64Array))
    return inOrder(new BigInt64Array(length), pages, (to, page, at) => to.set(page, at))
  if (pages.every((page) => page instanceof Float64Array))
    return inOrder(new Float64Array(length), pages, (to, page, at) => to.set(page, at))
  if (pages.every((page) => page instanceof Int32Array))
    return inOrder(new Int32Array(length), pages, (to, page, at) => to.set(page, at))
  const values: unknown[] = []
  for (const page of pages) for (let index = 0; index < page.length; index++) values.push(page[index])
  return values
}

function lengthOf(pages: readonly ArrayLike<unknown>[]): number {
  return pages.reduce((sum, page) => sum + page.length, 0)
}

function inOrder<Values extends DecodedArray>(
  to: Values,
  pages: readonly Values[],
  set: (to: Values, page: Values, at: number) => void,
): Values {
  let at = 0
  for (const page of pages) {
    set(to, page, at)
    at += page.length
  }
  return to
}
