import { computed, effect, signal } from '@preact/signals'

import { ChartModel, type ChartSubject } from './chart-model.ts'
import { place } from './place.ts'

/** The chart that is shown. */
export const chart = signal<ChartModel | undefined>(undefined)

const subject = computed<ChartSubject | undefined>((): ChartSubject | undefined => {
  const { symbol, timeframe, zone, asof } = place.value
  const { subject: shown } = chart.peek() ?? {}
  if (symbol === null) return undefined
  const isSame =
    shown?.symbol === symbol && shown.timeframe === timeframe && shown.zone === zone && shown.asof === asof
  return isSame ? shown : { symbol, timeframe, zone, asof }
})

/** Makes a chart of what the address says. */
export function followChart(): void {
  effect(() => {
    const next = subject.value
    const before = chart.peek()
    if (next === before?.subject) return
    before?.dispose()
    const model = next && new ChartModel(next)
    chart.value = model
    void model?.load()
  })
  // The lines of the chosen groups, once it is known which there are.
  effect(() => {
    const model = chart.value
    const chosen = place.value.indicators
    const groups = model?.signals.groups.value ?? []
    const names = groups
      .filter(({ id }) => chosen.includes(id))
      .flatMap(({ lines }) => lines.map(({ name }) => name))
    void model?.signals.choose(names)
  })
}
