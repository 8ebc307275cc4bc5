import { timeframes } from '../../state/abilities.ts'
import type { ChartModel } from '../../state/chart-model.ts'
import { arePatternsShown, minConfidence } from '../../state/chart-settings.ts'
import { link } from '../../state/feed.ts'
import { watched, watchlists } from '../../state/lists.ts'
import { notify } from '../../state/notices.ts'
import { go, place } from '../../state/place.ts'
import { quoteOf } from '../../state/quotes.ts'
import { MOST_SYMBOLS, withoutSymbol, withSymbol } from '../../state/watchlists.ts'
import { changeOf, priceText } from '../../values/price-text.ts'
import { latestAsof } from './asof-times.ts'
import { IndicatorMenu } from './indicator-menu.tsx'

/** The symbol, and what of it is drawn. */
export function Toolbar({ model }: { readonly model: ChartModel }) {
  return (
    <div class="toolbar">
      <Title symbol={model.subject.symbol} />
      <Timeframes />
      <IndicatorMenu model={model} />
      <PatternChoice model={model} />
      <AsofButton />
      <Refused />
    </div>
  )
}

function Title({ symbol }: { readonly symbol: string }) {
  const quote = quoteOf(symbol).value
  const change = changeOf(quote.open, quote.last, quote.digits)
  const isListed = watched.value.includes(symbol)
  const toggle = (): void => {
    const next = isListed ? withoutSymbol(watchlists.value, symbol) : withSymbol(watchlists.value, symbol)
    if (next === watchlists.value) notify('warning', `A list has ${MOST_SYMBOLS} symbols at the most.`)
    watchlists.value = next
  }
  return (
    <div class="title">
      <h2>
        <bdi>{symbol}</bdi>
      </h2>
      <button
        type="button"
        class="star"
        aria-pressed={isListed}
        title={isListed ? 'Remove from the list' : 'Add to the list'}
        aria-label={isListed ? `Remove ${symbol} from the list` : `Add ${symbol} to the list`}
        onClick={toggle}
      >
        {isListed ? '★' : '☆'}
      </button>
      {place.value.asof === null && (
        <p class={`price ${link.value.type === 'lost' ? 'is-stale' : ''}`}>
          <strong>{priceText(quote.last, quote.digits)}</strong>
          {change && (
            <span class={`is-${change.direction}`} title="Since the open of the day">
              {change.text} ({change.percent})
            </span>
          )}
        </p>
      )}
    </div>
  )
}

function Timeframes() {
  const shown = timeframes.value.includes(place.value.timeframe)
    ? timeframes.value
    : [...timeframes.value, place.value.timeframe]
  return (
    <fieldset class="choice">
      <legend class="unseen">Timeframe</legend>
      {shown.map((timeframe) => (
        <label key={timeframe} class={timeframe === place.value.timeframe ? 'is-chosen' : ''}>
          <input
            type="radio"
            name="timeframe"
            class="unseen"
            checked={timeframe === place.value.timeframe}
            onChange={() => go({ timeframe })}
          />
          {shortName(timeframe)}
        </label>
      ))}
    </fieldset>
  )
}

/** `5m` for `5Min`, as charts have it. */
function shortName(timeframe: string): string {
  return timeframe.replace(/Min$/, 'm').replace(/Hour$/, 'h').replace(/Day$/, 'D')
}

function PatternChoice({ model }: { readonly model: ChartModel }) {
  const isPossible = model.signals.areOfMinutes
  return (
    <div class="pair" title={isPossible ? undefined : 'Patterns are detected in 1-minute bars'}>
      <label>
        <input
          type="checkbox"
          checked={arePatternsShown.value && isPossible}
          disabled={!isPossible}
          onChange={({ currentTarget }) => {
            arePatternsShown.value = currentTarget.checked
          }}
        />{' '}
        Patterns
      </label>
      <label>
        <span class="unseen">Confidence of patterns, at least</span>
        <select
          value={minConfidence.value}
          disabled={!isPossible || !arePatternsShown.value}
          title="Confidence of patterns, at least"
          onChange={({ currentTarget }) => {
            minConfidence.value = currentTarget.value
          }}
        >
          {['0', '0.25', '0.5', '0.6', '0.7', '0.8', '0.9'].map((value) => (
            <option key={value} value={value}>
              ≥ {value}
            </option>
          ))}
        </select>
      </label>
    </div>
  )
}

function AsofButton() {
  const isOn = place.value.asof !== null
  return (
    <button
      type="button"
      aria-pressed={isOn}
      title="The chart as it was known at an earlier time"
      onClick={() => go({ asof: isOn ? null : new Date(latestAsof() * 1000).toISOString() })}
    >
      As of …
    </button>
  )
}

/** Without trades there is no forming candle, and that has to be seen. */
function Refused() {
  const state = link.value
  const reason = state.type === 'live' ? state.refused.get('ticks') : undefined
  if (reason === undefined || place.value.asof !== null) return null
  return (
    <span class="tag is-warning" title={`${reason}. They need the flag live-ticks.`}>
      No forming candle: live trades are refused
    </span>
  )
}
