import { useSignal } from '@preact/signals'

import { lengthOf } from '../../market/timeframes.ts'
import type { ChartModel } from '../../state/chart-model.ts'
import { firstBars } from '../../state/lists.ts'
import { go, place } from '../../state/place.ts'
import { timeText, zoneName } from '../../values/format-time.ts'
import { latestAsof } from './asof-times.ts'

const DAY = 86_400
/** Bars that the slider spans. */
const BARS = 500

/** Moves the time as of which the chart is shown, also from one correction to the next. */
export function AsofBar({ model, asof }: { readonly model: ChartModel; readonly asof: string }) {
  const { zone } = place.value
  const chosen = Date.parse(asof) / 1000
  /** While the slider is dragged. */
  const dragged = useSignal<number | undefined>(undefined)
  const shown = dragged.value ?? chosen
  const [from, to] = rangeOf(model, chosen)
  const set = (seconds: number): void => {
    dragged.value = undefined
    go({ asof: new Date(Math.min(seconds, latestAsof()) * 1000).toISOString() })
  }
  const written = model.signals.writtenTimes().map((text) => Date.parse(text) / 1000)
  const before = written.findLast((time) => time <= chosen)
  const behind = written.find((time) => time > chosen && time <= latestAsof())
  return (
    <div class="asof" role="group" aria-label="As of">
      <p class="asof-text">
        <strong>Not live.</strong> What was known at{' '}
        <time dateTime={asof}>
          {timeText(shown, zone, 'full')} {zoneName(zone)}
        </time>
      </p>
      <div class="buttons">
        <button type="button" onClick={() => set(chosen - 60)}>
          −1 min
        </button>
        <button type="button" disabled={chosen >= latestAsof()} onClick={() => set(chosen + 60)}>
          +1 min
        </button>
        <button
          type="button"
          disabled={before === undefined}
          title="To the millisecond before the last correction"
          onClick={() => before !== undefined && set(before - 0.001)}
        >
          Undo correction
        </button>
        <button
          type="button"
          disabled={behind === undefined}
          title="To the time at which the next correction was written"
          onClick={() => behind !== undefined && set(behind)}
        >
          Next correction
        </button>
        <button type="button" class="primary" onClick={() => go({ asof: null })}>
          Back to live
        </button>
      </div>
      <input
        type="range"
        min={from}
        max={to}
        step={60}
        value={shown}
        aria-label="Time as of which the chart is shown"
        aria-valuetext={timeText(shown, zone, 'full')}
        onInput={({ currentTarget }) => {
          dragged.value = Number(currentTarget.value)
        }}
        onChange={({ currentTarget }) => set(Number(currentTarget.value))}
      />
      <p class="muted">
        Of indicators and patterns only those are shown that were computed by then; what was computed again
        since is left out.
      </p>
    </div>
  )
}

function rangeOf({ subject }: ChartModel, chosen: number): readonly [number, number] {
  const to = latestAsof()
  const span = Math.max(DAY, BARS * (lengthOf(subject.timeframe) ?? DAY))
  const first = firstBars.value.get(subject.symbol) ?? 0
  return [Math.min(Math.max(first, to - span), Math.floor(chosen / 60) * 60), to]
}
