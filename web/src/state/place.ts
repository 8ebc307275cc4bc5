import { computed, signal } from '@preact/signals'

import { notify } from './notices.ts'
import { type Place, readPlace, writePlace } from './url-state.ts'

/** What the address holds. */
export const place = signal<Place>(readPlace('').place)

export const zone = computed(() => place.value.zone)
export const view = computed(() => place.value.view)

/** Changes the address. A change of view, symbol or operation can be undone by the browser's Back, others replace the entry. */
export function go(change: Partial<Place>): void {
  const next = { ...place.value, ...change }
  const hash = writePlace(next)
  if (hash === location.hash) return
  const isStep = (['view', 'symbol', 'operation'] as const).some((name) => next[name] !== place.value[name])
  if (isStep) history.pushState(null, '', hash)
  else history.replaceState(null, '', hash)
  place.value = next
}

/** Follows the address, also when a reader edits it or goes back. */
export function followAddress(): void {
  const read = (): void => {
    const { place: found, faults } = readPlace(location.hash)
    place.value = found
    for (const fault of faults) notify('warning', fault)
  }
  window.addEventListener('hashchange', read)
  window.addEventListener('popstate', read)
  read()
}
