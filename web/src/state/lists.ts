import { computed, effect, signal } from '@preact/signals'

import {
  keptWatchlists,
  readWatchlists,
  shownList,
  startingWith,
  type Watchlists,
  WATCHLISTS_KEY as KEY,
} from './watchlists.ts'

export const watchlists = signal<Watchlists>(keptWatchlists())
export const watched = computed(() => shownList(watchlists.value).symbols)

/** Unix seconds of the first bar, by symbol. */
export const firstBars = signal<ReadonlyMap<string, number>>(new Map())
/** All symbols that the API has bars of. */
export const allSymbols = computed(() => [...firstBars.value.keys()])

/** What the reader has not chosen; it is not kept, and grows with the symbols. */
let untouched: Watchlists | undefined = watched.peek().length === 0 ? watchlists.peek() : undefined

/** An empty list would show nothing: until the reader changes it, it has the first symbols. */
export function fillUntouchedList(): void {
  if (watchlists.peek() !== untouched) return
  untouched = startingWith(untouched, allSymbols.peek())
  watchlists.value = untouched
}

/** Keeps the lists in the browser, also those that another window changes. */
export function keepLists(): void {
  effect(() => {
    if (watchlists.value !== untouched) localStorage.setItem(KEY, JSON.stringify(watchlists.value))
  })
  window.addEventListener('storage', ({ key, newValue }) => {
    if (key === KEY && newValue !== JSON.stringify(watchlists.value))
      watchlists.value = readWatchlists(newValue)
  })
}
