import { computed, effect, signal } from '@preact/signals'

import { readWatchlists, shownList, type Watchlists } from './watchlists.ts'

const KEY = 'tickstock.watchlists'

export const watchlists = signal<Watchlists>(readWatchlists(localStorage.getItem(KEY)))
export const watched = computed(() => shownList(watchlists.value).symbols)

/** Unix seconds of the first bar, by symbol. */
export const firstBars = signal<ReadonlyMap<string, number>>(new Map())
/** All symbols that the API has bars of. */
export const allSymbols = computed(() => [...firstBars.value.keys()])

/** Keeps the lists in the browser, also those that another window changes. */
export function keepLists(): void {
  effect(() => localStorage.setItem(KEY, JSON.stringify(watchlists.value)))
  window.addEventListener('storage', ({ key, newValue }) => {
    if (key === KEY && newValue !== JSON.stringify(watchlists.value))
      watchlists.value = readWatchlists(newValue)
  })
}
