import { effect, signal, untracked } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'

import type { ChartModel } from '../../state/chart-model.ts'
import { hovered } from '../../state/hover.ts'
import { notify } from '../../state/notices.ts'
import { digits, lineColors, shownBar, shownGroups, shownPatterns, stateOf } from '../../state/shown-chart.ts'
import { isDark } from '../../state/theme.ts'
import { chartColors } from './chart-colors.ts'
import { markersOf } from './markers.ts'
import type { PriceChart } from './price-chart.ts'

/** Most of the code of the page: it is loaded while the first bars are read. */
const loadChart = import('./price-chart.ts')

/** The canvases of the chart; what they show is in the legend and the tables as text. */
export function Canvas({ model }: { readonly model: ChartModel }) {
  const container = useRef<HTMLDivElement>(null)
  useEffect(
    () => (container.current === null ? undefined : drawnOnceLoaded(container.current, model)),
    [model],
  )
  return <div ref={container} class="canvas" role="img" aria-label={`Candles of ${model.subject.symbol}`} />
}

/** Draws a model until the function that is returned is called. */
function drawnOnceLoaded(container: HTMLElement, model: ChartModel): () => void {
  let stop: (() => void) | undefined
  let isOver = false
  loadChart.then(
    (loaded) => {
      if (!isOver) stop = drawn(loaded.PriceChart, container, model)
    },
    () => notify('error', 'The chart could not be loaded: load the page again.'),
  )
  return () => {
    isOver = true
    stop?.()
  }
}

function drawn(Chart: typeof PriceChart, container: HTMLElement, model: ChartModel): () => void {
  const isNamed = signal(false)
  let isFirst = true
  const chart = new Chart(container, chartColors(), {
    onHover: (time) => {
      hovered.value = time
    },
    onNeedOlder: () => void model.loadOlder(),
    onSpacing: (named) => {
      isNamed.value = named
    },
  })
  const { timeframe, zone } = model.subject
  const effects = [
    effect(() => {
      if (isDark.value === undefined) return
      chart.paint(chartColors())
      const bars = model.bars.value
      const shown = { bars, timeframe, zone, digits: digits.value, stateOf }
      chart.show({ ...shown, tail: untracked(() => model.tail.value) })
      if (isFirst && bars.length > 0) chart.showNewest()
      isFirst &&= bars.length === 0
    }),
    effect(() => chart.showTail(model.tail.value, stateOf)),
    effect(() => {
      if (isDark.value === undefined) return
      const { lines } = chartColors()
      chart.indicators.choose(
        shownGroups.value,
        (name) => lines[(lineColors.value.get(name) ?? 1) - 1] ?? 'gray',
      )
      chart.indicators.show(model.signals.values.value)
    }),
    effect(() => {
      if (isDark.value === undefined) return
      const corrections = model.signals.corrections.value
      const marked = { patterns: shownPatterns.value, corrections, timeframe, zone, isNamed: isNamed.value }
      chart.mark(markersOf(marked, chartColors()))
    }),
    effect(() => {
      if (hovered.value === null) chart.showAt(undefined)
      else chart.showAt(untracked(() => shownBar.value))
    }),
  ]
  return () => {
    for (const stop of effects) stop()
    hovered.value = null
    chart.dispose()
  }
}
