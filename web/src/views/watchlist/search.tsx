import { useSignal } from '@preact/signals'

import { searchSymbols } from '../../market/search-symbols.ts'
import { allSymbols, watched, watchlists } from '../../state/lists.ts'
import { notify } from '../../state/notices.ts'
import { go } from '../../state/place.ts'
import { MOST_SYMBOLS, withSymbol } from '../../state/watchlists.ts'

/** Finds a symbol: Enter shows it, Shift and Enter adds it to the list. */
export function Search() {
  const typed = useSignal('')
  const isOpen = useSignal(false)
  const chosen = useSignal(0)
  const found = searchSymbols(allSymbols.value, typed.value)
  const close = (): void => {
    isOpen.value = false
    typed.value = ''
    chosen.value = 0
  }
  const take = (symbol: string | undefined, isAdded: boolean): void => {
    if (symbol === undefined) return
    if (isAdded) add(symbol)
    else go({ symbol, view: 'chart' })
    close()
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    const moves: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1 }
    const move = moves[event.key]
    if (move !== undefined) chosen.value = Math.min(found.length - 1, Math.max(0, chosen.value + move))
    else if (event.key === 'Enter') take(found[chosen.value], event.shiftKey)
    else if (event.key === 'Escape') {
      close()
      if (event.currentTarget instanceof HTMLElement) event.currentTarget.blur()
    } else return
    event.preventDefault()
  }
  return (
    <div class="search">
      <input
        id="search"
        type="text"
        role="combobox"
        inputMode="search"
        autocomplete="off"
        spellcheck={false}
        placeholder="Search symbols  /"
        aria-label="Search symbols. Enter shows one, Shift and Enter adds it to the list"
        aria-expanded={isOpen.value}
        aria-controls="found"
        aria-autocomplete="list"
        aria-activedescendant={isOpen.value && found.length > 0 ? `found-${chosen.value}` : undefined}
        value={typed.value}
        onFocus={() => (isOpen.value = true)}
        onBlur={close}
        onInput={({ currentTarget }) => {
          typed.value = currentTarget.value
          chosen.value = 0
          isOpen.value = true
        }}
        onKeyDown={onKeyDown}
      />
      <ul id="found" role="listbox" aria-label="Symbols found" hidden={!isOpen.value}>
        {found.map((symbol, index) => (
          <li
            key={symbol}
            id={`found-${index}`}
            role="option"
            aria-selected={index === chosen.value}
            // Focus stays in the field.
            onPointerDown={(event) => {
              event.preventDefault()
              take(symbol, event.shiftKey)
            }}
          >
            <bdi>{symbol}</bdi>
            {watched.value.includes(symbol) && <span class="muted">in the list</span>}
          </li>
        ))}
        {found.length === 0 && (
          <li role="option" aria-selected={false} aria-disabled="true" class="muted">
            No such symbol
          </li>
        )}
      </ul>
    </div>
  )
}

function add(symbol: string): void {
  const next = withSymbol(watchlists.value, symbol)
  const text = watched.value.includes(symbol)
    ? `${symbol} is in the list.`
    : `A list has ${MOST_SYMBOLS} symbols at the most.`
  if (next === watchlists.value) notify('info', text)
  watchlists.value = next
}
