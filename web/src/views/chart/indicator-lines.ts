import {
  HistogramSeries,
  type IChartApi,
  type ISeriesApi,
  LineSeries,
  type LineWidth,
} from 'lightweight-charts'

import type { IndicatorMinute } from '../../api/schemas.ts'
import type { IndicatorGroup } from '../../market/indicator-groups.ts'
import { utc } from './utc.ts'

/** An indicator pane has this part of the height of the candles. */
const PANE_STRETCH = 0.28
const THIN: LineWidth = 1

type Drawn = { readonly name: string; readonly series: ISeriesApi<'Line' | 'Histogram'> }

/** The lines of the chosen indicators, over the candles or in panes of their own. */
export class IndicatorLines {
  readonly #chart: IChartApi
  #drawn: readonly Drawn[] = []
  #key = ''

  constructor(chart: IChartApi) {
    this.#chart = chart
  }

  /** Draws these groups, and no others. */
  choose(groups: readonly IndicatorGroup[], colorOf: (name: string) => string): void {
    const lines = groups.flatMap((group) =>
      group.lines.map((line) => ({ ...line, color: colorOf(line.name) })),
    )
    const key = JSON.stringify(lines)
    if (key === this.#key) return
    this.#key = key
    for (const { series } of this.#drawn) this.#chart.removeSeries(series)
    for (let index = this.#chart.panes().length - 1; index > 0; index--) this.#chart.removePane(index)
    let pane = 0
    this.#drawn = groups.flatMap((group) => {
      const index = group.place === 'price' ? 0 : ++pane
      return group.lines.map(({ name, style }) => ({
        name,
        series: this.#add(style, colorOf(name), index),
      }))
    })
    for (const [index, one] of this.#chart.panes().entries())
      one.setStretchFactor(index === 0 ? 1 : PANE_STRETCH)
  }

  /** @param values by Unix seconds of the minute */
  show(values: ReadonlyMap<number, IndicatorMinute>): void {
    const minutes = [...values.values()].toSorted((a, b) => a.time - b.time)
    for (const { name, series } of this.#drawn)
      series.setData(
        minutes.flatMap((minute) => {
          const value = minute.values[name]
          return value === undefined ? [] : [{ time: utc(minute.time), value: Number(value) }]
        }),
      )
  }

  #add(style: 'line' | 'histogram', color: string, pane: number): ISeriesApi<'Line' | 'Histogram'> {
    const common = { color, lastValueVisible: pane > 0, priceLineVisible: false }
    if (style === 'histogram') return this.#chart.addSeries(HistogramSeries, common, pane)
    return this.#chart.addSeries(
      LineSeries,
      { ...common, lineWidth: THIN, crosshairMarkerVisible: false, lastValueVisible: pane > 0 },
      pane,
    )
  }
}
