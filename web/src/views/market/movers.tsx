import { movers } from '../../state/market.ts'
import { place } from '../../state/place.ts'
import { knownDigits } from '../../state/quotes.ts'
import { decimalsOf, padded, signed } from '../../values/decimal-text.ts'
import { timeText } from '../../values/format-time.ts'
import { priceText } from '../../values/price-text.ts'
import { Panel } from '../shell/panel.tsx'
import { SymbolLink } from './symbol-link.tsx'

const PERCENT_DECIMALS = 4

type MoversProps = { readonly side: 'gainers' | 'losers'; readonly title: string }

export function Movers({ side, title }: MoversProps) {
  const polled = movers.state.value
  const rows = polled.answer?.[side] ?? []
  const updated = polled.answer?.last_updated
  const note =
    updated === null || updated === undefined ? undefined : `to ${timeText(updated, place.value.zone)}`
  return (
    <Panel title={title} note={note} polled={polled}>
      {rows.length === 0 && <p class="empty">{polled.answer === undefined ? 'Reading …' : 'None.'}</p>}
      {rows.length > 0 && (
        <table>
          <thead>
            <tr>
              <th scope="col">Symbol</th>
              <th scope="col" class="number">
                Price
              </th>
              <th scope="col" class="number">
                Change
              </th>
              <th scope="col" class="number">
                %
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ symbol, price, change, percent_change: percent }) => {
              const digits = Math.max(decimalsOf(price), decimalsOf(change), knownDigits(symbol))
              return (
                <tr key={symbol}>
                  <th scope="row">
                    <SymbolLink symbol={symbol} />
                  </th>
                  <td class="number">{priceText(price, digits)}</td>
                  <td class={`number is-${side === 'gainers' ? 'up' : 'down'}`}>
                    {signed(priceText(change, digits))}
                  </td>
                  <td class={`number is-${side === 'gainers' ? 'up' : 'down'}`}>
                    {signed(padded(percent, PERCENT_DECIMALS))}
                  </td>
                </tr>
              )
            })}
          </tbody>
        </table>
      )}
    </Panel>
  )
}
