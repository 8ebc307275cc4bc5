/** A list of symbols that a reader keeps. */
export type Watchlist = { readonly name: string; readonly symbols: readonly string[] }

/** All lists of a reader, and which of them is shown. There is always one. */
export type Watchlists = { readonly lists: readonly Watchlist[]; readonly shown: number }

/** A connection of the WebSocket API may name 500 symbols; the chart needs one of them. */
export const MOST_SYMBOLS = 200
const MOST_LISTS = 50
const LONGEST_NAME = 40

/** Where the browser keeps them. */
export const WATCHLISTS_KEY = 'tickstock.watchlists'

/** The lists that this browser keeps. */
export function keptWatchlists(): Watchlists {
  return readWatchlists(localStorage.getItem(WATCHLISTS_KEY))
}

/** Reads what a browser kept; anything else begins anew with one empty list. */
export function readWatchlists(text: string | null): Watchlists {
  const kept = parsed(text)
  const lists = listsIn(kept)
  if (lists.length === 0) return { lists: [{ name: 'Watchlist', symbols: [] }], shown: 0 }
  const shown = field(kept, 'shown')
  const isIndex = typeof shown === 'number' && Number.isInteger(shown) && shown >= 0 && shown < lists.length
  return { lists, shown: isIndex ? shown : 0 }
}

/** A reader without lists of their own sees so many symbols. */
const FIRST_SYMBOLS = 30

/** The only list with the first of all symbols; where there are several lists, as they are. */
export function startingWith(all: Watchlists, symbols: readonly string[]): Watchlists {
  if (all.lists.length > 1) return all
  const first = symbols.slice(0, FIRST_SYMBOLS)
  const { symbols: before } = shownList(all)
  return first.length === before.length && first.every((symbol, index) => symbol === before[index])
    ? all
    : changed(all, first)
}

export function shownList({ lists, shown }: Watchlists): Watchlist {
  return lists[shown] ?? { name: '', symbols: [] }
}

/** Those of a list, and the one of the chart. */
export function followedSymbols(symbols: readonly string[], charted: string | null): readonly string[] {
  return [...new Set([...symbols, ...(charted === null ? [] : [charted])])]
}

/** Adds a symbol to the shown list; unchanged where it is in it, or the list is full. */
export function withSymbol(all: Watchlists, symbol: string): Watchlists {
  const { symbols } = shownList(all)
  if (symbols.includes(symbol) || symbols.length >= MOST_SYMBOLS) return all
  return changed(all, [...symbols, symbol])
}

export function withoutSymbol(all: Watchlists, symbol: string): Watchlists {
  return changed(
    all,
    shownList(all).symbols.filter((one) => one !== symbol),
  )
}

/** Adds a list and shows it. A name that is taken gets a number. */
export function withList(all: Watchlists, name: string, symbols: readonly string[] = []): Watchlists {
  if (all.lists.length >= MOST_LISTS) return all
  return { lists: [...all.lists, { name: freeName(all, name), symbols }], shown: all.lists.length }
}

export function withName(all: Watchlists, name: string): Watchlists {
  const others = { ...all, lists: all.lists.filter((_, index) => index !== all.shown) }
  const lists = all.lists.map((list, index) =>
    index === all.shown ? { ...list, name: freeName(others, name) } : list,
  )
  return { ...all, lists }
}

/** Removes the shown list; the last one is emptied instead. */
export function withoutList(all: Watchlists): Watchlists {
  if (all.lists.length === 1) return changed(all, [])
  const lists = all.lists.filter((_, index) => index !== all.shown)
  return { lists, shown: Math.min(all.shown, lists.length - 1) }
}

/** The symbol so many places behind another one, round the end. */
export function neighbour(
  symbols: readonly string[],
  symbol: string | null,
  places: number,
): string | undefined {
  const index = symbol === null ? -1 : symbols.indexOf(symbol)
  if (index < 0) return places < 0 ? symbols.at(-1) : symbols[0]
  return symbols[(index + places + symbols.length) % symbols.length]
}

function changed(all: Watchlists, symbols: readonly string[]): Watchlists {
  const lists = all.lists.map((list, index) => (index === all.shown ? { ...list, symbols } : list))
  return { ...all, lists }
}

function freeName({ lists }: Watchlists, wanted: string): string {
  const name = wanted.trim().slice(0, LONGEST_NAME) || 'Watchlist'
  const names = new Set(lists.map((list) => list.name))
  let [free, number] = [name, 2]
  while (names.has(free)) free = `${name} ${number++}`
  return free
}

function parsed(text: string | null): unknown {
  try {
    return JSON.parse(text ?? 'null')
  } catch {
    return null
  }
}

function listsIn(kept: unknown): Watchlist[] {
  const lists = field(kept, 'lists')
  if (!Array.isArray(lists)) return []
  return lists.slice(0, MOST_LISTS).flatMap((list: unknown) => {
    const [name, symbols] = [field(list, 'name'), field(list, 'symbols')]
    if (typeof name !== 'string' || !Array.isArray(symbols)) return []
    const texts = symbols.filter((one): one is string => typeof one === 'string' && one !== '')
    return [{ name: name.slice(0, LONGEST_NAME), symbols: [...new Set(texts)].slice(0, MOST_SYMBOLS) }]
  })
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}
