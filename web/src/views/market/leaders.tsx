import { leaders } from '../../state/market.ts'
import { place } from '../../state/place.ts'
import { rounded } from '../../values/decimal-text.ts'
import { timeText } from '../../values/format-time.ts'
import { amountText } from '../../values/price-text.ts'
import { Panel } from '../shell/panel.tsx'
import { SymbolLink } from './symbol-link.tsx'

/** What traded most, by the exact sum of price times volume. */
export function Leaders() {
  const polled = leaders.state.value
  const { day, rows, leftOut } = polled.answer ?? { day: null, rows: [], leftOut: 0 }
  return (
    <Panel
      title="Volume leaders"
      note={day === null ? undefined : `day of ${timeText(day, place.value.zone, 'date')}, by value`}
      polled={polled}
    >
      {leftOut > 0 && (
        <p class="muted">{leftOut} symbols are left out: only the first 1,000 by name are compared.</p>
      )}
      {rows.length === 0 && <p class="empty">{polled.answer === undefined ? 'Reading …' : 'None.'}</p>}
      {rows.length > 0 && (
        <table>
          <thead>
            <tr>
              <th scope="col">Symbol</th>
              <th scope="col" class="number">
                Value
              </th>
              <th scope="col" class="number">
                Volume
              </th>
              <th scope="col" class="number">
                Trades
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ symbol, bar }) => (
              <tr key={symbol}>
                <th scope="row">
                  <SymbolLink symbol={symbol} />
                </th>
                <td class="number" title={bar.notional ?? ''}>
                  {bar.notional === null ? '–' : amountText(rounded(bar.notional, 0))}
                </td>
                <td class="number">{amountText(bar.volume)}</td>
                <td class="number">{amountText(bar.trades)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  )
}
