import { changesOf } from '../../market/corrections.ts'
import { confidenceText, patternName } from '../../market/patterns.ts'
import type { ChartModel } from '../../state/chart-model.ts'
import { table } from '../../state/chart-settings.ts'
import { hovered } from '../../state/hover.ts'
import { go } from '../../state/place.ts'
import { digits, shownPatterns, stateOf } from '../../state/shown-chart.ts'
import { timeText } from '../../values/format-time.ts'
import { amountText, priceText } from '../../values/price-text.ts'

const MOST_ROWS = 100
const TABS = ['corrections', 'patterns', 'bars'] as const
const NAMES = { corrections: 'Corrections', patterns: 'Patterns', bars: 'Bars' }

/** What the chart draws, as text. */
export function Tables({ model }: { readonly model: ChartModel }) {
  const counts = {
    corrections: model.signals.corrections.value.length,
    patterns: shownPatterns.value.length,
    bars: model.bars.value.length,
  }
  return (
    <div class="tables">
      <div class="tabs" role="tablist" aria-label="Tables of the chart">
        {TABS.map((name) => (
          <button
            key={name}
            type="button"
            role="tab"
            aria-selected={table.value === name}
            aria-controls="chart-table"
            onClick={() => {
              table.value = table.value === name ? null : name
            }}
          >
            {NAMES[name]} <span class="count">{counts[name]}</span>
          </button>
        ))}
      </div>
      <div
        id="chart-table"
        role="tabpanel"
        aria-label={table.value === null ? 'Hidden' : NAMES[table.value]}
        class="table-scroll"
        tabIndex={0}
        hidden={table.value === null}
      >
        {table.value === 'corrections' && <Corrections model={model} />}
        {table.value === 'patterns' && <Patterns model={model} />}
        {table.value === 'bars' && <Bars model={model} />}
      </div>
    </div>
  )
}

function Corrections({ model }: { readonly model: ChartModel }) {
  const { zone, asof } = model.subject
  const corrections = model.signals.corrections.value.toReversed().slice(0, MOST_ROWS)
  if (corrections.length === 0)
    return (
      <p class="empty">
        {asof === null ? 'No bar of this chart was corrected.' : 'No bar had been corrected by then.'}
      </p>
    )
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">Bar</th>
          <th scope="col">Revision</th>
          <th scope="col">Before → after</th>
          <th scope="col">Written</th>
          <th scope="col">
            <span class="unseen">Show</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {corrections.map((one) => (
          <tr key={`${one.time} ${one.after.revision}`}>
            <th scope="row">{timeText(one.time, zone, 'dateTime')}</th>
            <td>
              {one.before.revision} → {one.after.revision}
            </td>
            <td class="wide">
              {changesOf(one).map(({ name, before, after }) => (
                <span key={name} class="value">
                  <span class="name">{name}</span> {before} → {after}
                </span>
              ))}
            </td>
            <td>{timeText(Date.parse(one.after.writtenAt) / 1000, zone, 'seconds')}</td>
            <td>
              <button
                type="button"
                class="small"
                aria-label={`As before the correction of ${timeText(one.time, zone)}`}
                onClick={() => go({ asof: new Date(Date.parse(one.after.writtenAt) - 1).toISOString() })}
              >
                As before
              </button>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Patterns({ model }: { readonly model: ChartModel }) {
  const { zone } = model.subject
  if (!model.signals.areOfMinutes)
    return <p class="empty">Patterns are detected in 1-minute bars: choose 1m to see them.</p>
  const patterns = shownPatterns.value.slice(0, MOST_ROWS)
  if (patterns.length === 0) return <p class="empty">No pattern of this confidence in this chart.</p>
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">Bar</th>
          <th scope="col">Pattern</th>
          <th scope="col">Direction</th>
          <th scope="col" class="number">
            Confidence
          </th>
        </tr>
      </thead>
      <tbody>
        {patterns.map(({ time, type, direction, confidence, withdrawn }) => (
          <tr
            key={`${time} ${type}`}
            class={withdrawn ? 'is-withdrawn' : ''}
            onMouseEnter={() => (hovered.value = time)}
          >
            <th scope="row">{timeText(time, zone, 'dateTime')}</th>
            <td>
              {patternName(type)}
              {withdrawn && ' (withdrawn)'}
            </td>
            <td class={`is-${direction}`}>{direction}</td>
            <td class="number">{confidenceText(confidence)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

const STATES = { forming: 'forming', incomplete: 'incomplete', whole: '' }

function Bars({ model }: { readonly model: ChartModel }) {
  const { zone, timeframe } = model.subject
  const tail = model.tail.value
  const [first] = tail
  const closed = model.bars.value.filter(({ time }) => first === undefined || time < first.time)
  const bars = [...closed.slice(-MOST_ROWS), ...tail].toReversed()
  return (
    <table>
      <thead>
        <tr>
          {['Bar', 'Open', 'High', 'Low', 'Close', 'Volume', 'Trades', 'VWAP', 'Rev', 'State'].map(
            (name, index) => (
              <th key={name} scope="col" class={index > 0 && index < 9 ? 'number' : ''}>
                {name}
              </th>
            ),
          )}
        </tr>
      </thead>
      <tbody>
        {bars.map((bar) => (
          <tr key={bar.time}>
            <th scope="row">{timeText(bar.time, zone, timeframe === '1Day' ? 'date' : 'dateTime')}</th>
            {[bar.open, bar.high, bar.low, bar.close].map((price, index) => (
              <td key={index} class="number">
                {priceText(price, digits.value)}
              </td>
            ))}
            <td class="number">{amountText(bar.volume)}</td>
            <td class="number">{amountText(bar.trades)}</td>
            <td class="number">{priceText(bar.vwap, digits.value)}</td>
            <td class="number">{bar.revision === 0 ? '–' : bar.revision}</td>
            <td>{STATES[stateOf(bar)] || (bar.complete === null ? 'not known' : 'complete')}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
