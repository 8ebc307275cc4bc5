import { computed, signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'

import { slowNow } from '../../state/clock.ts'
import { link } from '../../state/feed.ts'
import { allSymbols, watched } from '../../state/lists.ts'
import { place } from '../../state/place.ts'
import { quoteOf } from '../../state/quotes.ts'
import { priceText } from '../../values/price-text.ts'
import { whenIdle } from '../when-idle.ts'
import { ListChoice } from './list-choice.tsx'
import { QuoteRow } from './quote-row.tsx'
import { Search } from './search.tsx'

/** Characters of a price that have room beside a sparkline. */
const ROOM = 9

/** Rows that most screens have room for. */
const FIRST_ROWS = 30

/** Those that are on the screen are there first. */
const hasAllRows = signal(false)

/** Whether a price is longer: no digit of it is cut. */
const hasLongPrices = computed(() => {
  if (slowNow.value === 0) return false
  return watched.value.some((symbol) => {
    const { last, digits } = quoteOf(symbol).peek()
    return priceText(last, digits).length > ROOM
  })
})

/** The symbols that a reader follows. */
export function Watchlist() {
  const symbols = watched.value
  useEffect(
    () =>
      whenIdle(async () => {
        hasAllRows.value = true
      }),
    [],
  )
  return (
    <section class={`watchlist ${link.value.type === 'lost' ? 'is-stale' : ''}`} aria-label="Watchlist">
      <Search />
      <ListChoice />
      <div class="quotes" tabIndex={0} role="region" aria-label="Symbols of the list">
        {symbols.length === 0 && (
          <p class="empty">
            {allSymbols.value.length === 0
              ? 'There are no bars yet: symbols appear here with the first.'
              : 'The list is empty. Search for a symbol and add it by ☆.'}
          </p>
        )}
        <table class={hasLongPrices.value ? 'has-long-prices' : ''}>
          <colgroup>
            <col />
            <col class="spark" />
            <col class="last" />
            <col class="change" />
          </colgroup>
          <thead>
            <tr>
              {['Symbol', 'Last 24 hours', 'Last price', 'Change since the open of the day'].map((name) => (
                <th key={name} scope="col">
                  <span class="unseen">{name}</span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {symbols.slice(0, hasAllRows.value ? undefined : FIRST_ROWS).map((symbol, index) => (
              <QuoteRow
                key={symbol}
                symbol={symbol}
                isShown={symbol === place.value.symbol}
                isAmongFirst={index < FIRST_ROWS}
              />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}
