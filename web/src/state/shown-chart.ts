import { computed } from '@preact/signals'

import type { Bar } from '../market/bar.ts'
import { digitsOf } from '../market/quote.ts'
import { compare } from '../values/decimal-text.ts'
import { chart } from './chart.ts'
import { arePatternsShown, minConfidence } from './chart-settings.ts'
import { hovered } from './hover.ts'
import { place } from './place.ts'

/** Decimals that prices of the chart have. */
export const digits = computed(() =>
  (chart.value?.bars.value ?? []).reduce(
    (most, { open, high, low, close }) => digitsOf(most, [open, high, low, close]),
    0,
  ),
)

/** The newest bar, whether it has closed or not. */
const newest = computed(() => chart.value?.tail.value.at(-1) ?? chart.value?.bars.value.at(-1))

/** The bar whose values are shown. */
export const shownBar = computed<Bar | undefined>(() => {
  const model = chart.value
  const time = hovered.value
  if (time === null) return newest.value
  return (
    model?.tail.value.find((bar) => bar.time === time) ?? model?.bars.value.find((bar) => bar.time === time)
  )
})

/** Patterns that are marked. */
export const shownPatterns = computed(() => {
  if (!arePatternsShown.value) return []
  const all = chart.value?.signals.patterns.value ?? []
  return all.filter(({ confidence }) => compare(confidence, minConfidence.value) >= 0)
})

/** Indicators that are drawn. */
export const shownGroups = computed(() =>
  (chart.value?.signals.groups.value ?? []).filter(({ id }) => place.value.indicators.includes(id)),
)

/** Of each line, the place of its color in the style sheet. */
export const lineColors = computed(
  () =>
    new Map(
      shownGroups.value
        .flatMap(({ lines }) => lines)
        .map(({ name }, index) => [name, (index % LINE_COLORS) + 1]),
    ),
)

const LINE_COLORS = 8

/** How a bar stands. A longer bar at the end still fills. */
export function stateOf(bar: Bar): 'forming' | 'incomplete' | 'whole' {
  const model = chart.peek()
  if (model === undefined) return 'whole'
  if (model.tail.peek().some(({ time }) => time === bar.time)) return 'forming'
  if (bar.complete !== false) return 'whole'
  const isFilling = model.subject.timeframe !== '1Min' && model.bars.peek().at(-1)?.time === bar.time
  return isFilling ? 'forming' : 'incomplete'
}
