import { timeframes } from './abilities.ts'
import { isHelpShown, question } from './dialogs.ts'
import { watched } from './lists.ts'
import { go, place } from './place.ts'
import { switchTheme } from './theme.ts'
import { neighbour } from './watchlists.ts'
import { hovered, moveHover } from './hover.ts'

/** Keys and what they do, as the help shows them. */
export const KEYS: readonly (readonly [string, string])[] = [
  ['/', 'Search for a symbol'],
  ['↑ ↓', 'Symbol before, symbol behind'],
  ['← →', 'Values of the bar before, behind'],
  ['t  T', 'Next timeframe, previous timeframe'],
  ['Esc', 'Leave the values of a bar; back to live'],
  ['1 2 3 4', 'Chart, market, system, API'],
  ['d', 'Dark or light'],
  ['?', 'This help'],
]

const ACTIONS: Readonly<Record<string, () => void>> = {
  '/': focusSearch,
  ArrowUp: () => stepSymbol(-1),
  ArrowDown: () => stepSymbol(1),
  ArrowLeft: () => moveHover(-1),
  ArrowRight: () => moveHover(1),
  t: () => stepTimeframe(1),
  T: () => stepTimeframe(-1),
  Escape: leave,
  '1': () => go({ view: 'chart' }),
  '2': () => go({ view: 'market' }),
  '3': () => go({ view: 'system' }),
  '4': () => go({ view: 'api' }),
  d: switchTheme,
  '?': () => {
    isHelpShown.value = true
  },
}

/** Follows the keyboard until the function that is returned is called. */
export function followKeys(): () => void {
  const take = (event: KeyboardEvent): void => {
    const isElsewhere = event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented
    if (isElsewhere || isHelpShown.value || question.value !== undefined) return
    const { target } = event
    if (
      target instanceof HTMLElement &&
      target.matches('input, select, textarea, [role="radio"], [role="tab"], summary')
    ) {
      const isOfField = target.matches('input, select, textarea') || event.key.startsWith('Arrow')
      if (isOfField) return
    }
    const isOfChart =
      event.key.startsWith('Arrow') && place.value.view !== 'chart' && place.value.view !== 'watchlist'
    const action = Object.hasOwn(ACTIONS, event.key) ? ACTIONS[event.key] : undefined
    if (action === undefined || isOfChart) return
    event.preventDefault()
    action()
  }
  document.addEventListener('keydown', take)
  return () => document.removeEventListener('keydown', take)
}

function focusSearch(): void {
  if (place.value.view !== 'chart' && place.value.view !== 'watchlist') go({ view: 'chart' })
  // The view may have to be drawn first.
  requestAnimationFrame(() => document.getElementById('search')?.focus())
}

function stepSymbol(places: number): void {
  const next = neighbour(watched.value, place.value.symbol, places)
  if (next !== undefined) go({ symbol: next })
}

function stepTimeframe(places: number): void {
  const next = neighbour(timeframes.value, place.value.timeframe, places)
  if (next !== undefined) go({ timeframe: next })
}

function leave(): void {
  if (hovered.value === null) go({ asof: null })
  else hovered.value = null
}
