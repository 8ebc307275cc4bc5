import type { Bar } from '../../market/bar.ts'
import { changesOf } from '../../market/corrections.ts'
import { isPartial } from '../../market/forming-candle.ts'
import { confidenceText, patternName } from '../../market/patterns.ts'
import { startOfBar } from '../../market/timeframes.ts'
import type { ChartModel } from '../../state/chart-model.ts'
import { hovered } from '../../state/hover.ts'
import { digits, lineColors, shownBar, shownGroups, shownPatterns, stateOf } from '../../state/shown-chart.ts'
import { rounded } from '../../values/decimal-text.ts'
import { timeText } from '../../values/format-time.ts'
import { amountText, changeOf, priceText } from '../../values/price-text.ts'

/** Decimals of an indicator beyond those of the price. */
const MORE_DIGITS = 2

/** All values of the bar under the crosshair, or of the newest one. */
export function Legend({ model }: { readonly model: ChartModel }) {
  const bar = shownBar.value
  if (bar === undefined) return <div class="legend" />
  const { timeframe, zone } = model.subject
  const change = changeOf(bar.open, bar.close, digits.value)
  return (
    <div class="legend">
      <p class="values">
        <span class="when">{timeText(bar.time, zone, timeframe === '1Day' ? 'date' : 'dateTime')}</span>
        <Value name="O" value={priceText(bar.open, digits.value)} />
        <Value name="H" value={priceText(bar.high, digits.value)} />
        <Value name="L" value={priceText(bar.low, digits.value)} />
        <Value name="C" value={priceText(bar.close, digits.value)} />
        {change && <span class={`is-${change.direction}`}>{change.percent}</span>}
        <Value name="V" value={amountText(bar.volume)} />
        <Value name="n" value={amountText(bar.trades)} />
        <Value name="VWAP" value={priceText(bar.vwap, digits.value)} />
        {bar.revision > 0 && <Value name="rev" value={String(bar.revision)} />}
        <Completeness bar={bar} model={model} />
      </p>
      <IndicatorValues time={bar.time} model={model} />
      <Signals time={bar.time} model={model} />
    </div>
  )
}

function Value({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <span class="value">
      <span class="name">{name}</span> {value}
    </span>
  )
}

/** Whether trades are missing, in words. */
function Completeness({ bar, model }: { readonly bar: Bar; readonly model: ChartModel }) {
  const { asof, timeframe, zone } = model.subject
  const state = stateOf(bar)
  if (state === 'incomplete')
    return <span class="tag is-warning">incomplete: a trade of the venue is missing</span>
  if (state === 'whole') {
    if (bar.complete === true) return <span class="tag">complete</span>
    const about = 'The ids of the venue do not tell whether a trade is missing'
    return (
      <span class="tag" title={about}>
        completeness not known
      </span>
    )
  }
  if (asof !== null) return <span class="tag is-warning">not complete at that time</span>
  const partial = model.forming.value?.minutes.find((one) => isPartial(one) && one.minute >= bar.time)
  if (partial === undefined) return <span class="tag is-live">forming</span>
  const since = timeText(partial.since, zone, 'seconds')
  const what = timeframe === '1Min' ? 'forming, with trades' : 'forming, its last minute with trades'
  return (
    <span class="tag is-warning">
      {what} since {since} only
    </span>
  )
}

/** The bar that forms has no values: those of the newest minute that has are shown, with its time. */
function IndicatorValues({ time, model }: { readonly time: number; readonly model: ChartModel }) {
  const groups = shownGroups.value
  if (groups.length === 0) return null
  const all = model.signals.values.value
  const isNewest = hovered.value === null
  const minute = all.get(time) ?? (isNewest ? all.get(Math.max(...all.keys())) : undefined)
  return (
    <p class="values">
      {groups.map(({ id, label, lines }) => (
        <span key={id} class="value">
          <span class="name">{label}</span>
          {lines.map(({ name, label: line }) => {
            const value = minute?.values[name]
            return (
              <span key={name} class="part" title={`${line} ${value ?? ''}`}>
                <span class={`swatch line-${lineColors.value.get(name) ?? 1}`} />
                {value === undefined ? '–' : priceText(rounded(value, digits.value + MORE_DIGITS), 0)}
              </span>
            )
          })}
        </span>
      ))}
      {minute !== undefined && minute.time !== time && (
        <span class="name">of {timeText(minute.time, model.subject.zone)}</span>
      )}
    </p>
  )
}

/** Patterns of the bar, and what corrected it. */
function Signals({ time, model }: { readonly time: number; readonly model: ChartModel }) {
  const { timeframe, zone } = model.subject
  const isOfBar = (minute: number): boolean => (startOfBar(minute, timeframe, zone) ?? minute) === time
  const patterns = shownPatterns.value.filter((pattern) => pattern.time === time && !pattern.withdrawn)
  const corrections = model.signals.corrections.value.filter((one) => isOfBar(one.time))
  if (patterns.length === 0 && corrections.length === 0) return null
  return (
    <p class="values">
      {patterns.map(({ type, direction, confidence }) => (
        <span key={type} class={`tag is-${direction}`}>
          {patternName(type)}, {direction}, {confidenceText(confidence)}
        </span>
      ))}
      {corrections.map((one) => (
        <span key={`${one.time} ${one.after.revision}`} class="tag is-correction">
          {timeframe === '1Min' ? 'corrected' : `${timeText(one.time, zone)} corrected`}{' '}
          {timeText(Date.parse(one.after.writtenAt) / 1000, zone, 'seconds')}:{' '}
          {changesOf(one)
            .map(({ name, before, after }) => `${name} ${before} → ${after}`)
            .join(', ')}
        </span>
      ))}
    </p>
  )
}
