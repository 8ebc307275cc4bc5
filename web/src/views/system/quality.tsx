import { useEffect } from 'preact/hooks'

import type { QualityDay } from '../../api/system-schemas.ts'
import { watched } from '../../state/lists.ts'
import { place } from '../../state/place.ts'
import { MOST_SYMBOLS, quality } from '../../state/quality.ts'
import { timeText } from '../../values/format-time.ts'
import { amountText } from '../../values/price-text.ts'
import { visibleText } from '../../values/visible-text.ts'
import { Panel } from '../shell/panel.tsx'

const COLUMNS: readonly (readonly [name: string, about: string])[] = [
  ['Bars', 'Minutes with a bar'],
  ['Expected', 'Minutes of the trading hours, where they are configured'],
  ['Trades', 'Trades in the bars'],
  ['Incomplete', 'Bars that lack a trade of the venue'],
  ['Not known', 'Bars whose ids do not tell whether a trade is missing'],
  ['Corrected', 'Bars that were changed after they had closed'],
  ['No trades', 'Minutes without a bar in which there was no trade'],
  ['Lost', 'Minutes without a bar between bars that lack trades'],
  ['Open', 'Minutes without a bar of which it is not known'],
]

/** Per symbol of the list and day: what is missing, corrected or silent. */
export function Quality() {
  const symbols = watched.value
  useEffect(() => quality.use(), [symbols])
  const polled = quality.state.value
  const rows = polled.answer?.days ?? []
  const some = symbols.length > MOST_SYMBOLS ? `the first ${MOST_SYMBOLS} of your list` : 'your list'
  return (
    <Panel title="Quality of the data" note={`${some}, last seven days, UTC`} polled={polled} class="quality">
      {polled.answer !== undefined && rows.length === 0 && <p class="empty">No bars of these symbols.</p>}
      {rows.length > 0 && (
        <div
          class="table-scroll"
          tabIndex={0}
          role="region"
          aria-label="Quality of the data by symbol and day"
        >
          <table>
            <thead>
              <tr>
                <th scope="col">Symbol</th>
                <th scope="col">Day</th>
                {COLUMNS.map(([name, about]) => (
                  <th key={name} scope="col" class="number" title={about}>
                    {name}
                  </th>
                ))}
                <th scope="col">Longest silence</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <Row key={`${row.symbol} ${row.day}`} row={row} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  )
}

function Row({ row }: { readonly row: QualityDay }) {
  const { without_bar: without, longest_silence: silence } = row
  const counts = [
    row.bars,
    row.expected_bars,
    row.trades,
    row.incomplete_bars,
    row.unknown_bars,
    row.corrected_bars,
    without.no_trades,
    without.trades_lost,
    without.unknown,
  ]
  const isBad = (index: number): boolean => [3, 7].includes(index) && (counts[index] ?? 0) > 0
  return (
    <tr>
      <th scope="row">
        <bdi>{visibleText(row.symbol)}</bdi>
      </th>
      <td>{row.day}</td>
      {counts.map((value, index) => (
        <td key={COLUMNS[index]?.[0]} class={`number ${isBad(index) ? 'is-bad' : ''}`}>
          {value === null ? '–' : amountText(value)}
        </td>
      ))}
      <td>
        {silence === null
          ? '–'
          : `${amountText(silence.minutes)} min from ${timeText(Date.parse(silence.from) / 1000, place.value.zone, 'dateTime')}`}
      </td>
    </tr>
  )
}
