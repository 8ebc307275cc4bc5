import { link } from '../../state/feed.ts'
import { watched } from '../../state/lists.ts'
import { place } from '../../state/place.ts'
import { ListChoice } from './list-choice.tsx'
import { QuoteRow } from './quote-row.tsx'
import { Search } from './search.tsx'

/** The symbols that a reader follows. */
export function Watchlist() {
  const symbols = watched.value
  return (
    <section class={`watchlist ${link.value.type === 'lost' ? 'is-stale' : ''}`} aria-label="Watchlist">
      <Search />
      <ListChoice />
      <div class="quotes" tabIndex={0} role="region" aria-label="Symbols of the list">
        {symbols.length === 0 && <p class="empty">The list is empty. Search for a symbol and add it by ☆.</p>}
        <table>
          <thead class="unseen">
            <tr>
              <th scope="col">Symbol</th>
              <th scope="col">Last 24 hours</th>
              <th scope="col">Last price</th>
              <th scope="col">Change since the open of the day</th>
            </tr>
          </thead>
          <tbody>
            {symbols.map((symbol) => (
              <QuoteRow key={symbol} symbol={symbol} isShown={symbol === place.value.symbol} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}
