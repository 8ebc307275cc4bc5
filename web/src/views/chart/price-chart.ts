import {
  CandlestickSeries,
  createChart,
  createSeriesMarkers,
  CrosshairMode,
  HistogramSeries,
  type IChartApi,
  type ISeriesApi,
  type ISeriesMarkersPluginApi,
  LineStyle,
  type SeriesMarker,
  TickMarkType,
  type Time,
} from 'lightweight-charts'

import type { Bar } from '../../market/bar.ts'
import { breaksOf } from '../../market/breaks.ts'
import type { Zone } from '../../market/timeframes.ts'
import { timeText } from '../../values/format-time.ts'
import { BreakLines } from './break-lines.ts'
import { type BarState, candleOf, emptyAt, volumeOf } from './candles.ts'
import type { ChartColors } from './chart-colors.ts'
import { IndicatorLines } from './indicator-lines.ts'
import { utc } from './utc.ts'

/** Bars to the left of the screen before earlier ones are read. */
const AHEAD = 60
/** Bars of this width have names beside their marks. */
const NAMED_SPACING = 22
const BAR_SPACING = 8

type PriceChartOptions = {
  readonly onHover: (time: number | null) => void
  readonly onNeedOlder: () => void
  readonly onSpacing: (isNamed: boolean) => void
}

export type ShownBars = {
  readonly bars: readonly Bar[]
  readonly tail: readonly Bar[]
  readonly timeframe: string
  readonly zone: Zone
  readonly digits: number
  readonly stateOf: (bar: Bar) => BarState
}

/** The chart of a symbol on canvases: candles, volume, marks and indicators. Shows what it is given. */
export class PriceChart {
  readonly #chart: IChartApi
  readonly #candles: ISeriesApi<'Candlestick'>
  readonly #volume: ISeriesApi<'Histogram'>
  readonly #markers: ISeriesMarkersPluginApi<Time>
  readonly #breaks = new BreakLines()
  readonly indicators: IndicatorLines
  #colors: ChartColors
  #zone: Zone = 'UTC'
  #last: Bar | undefined
  #marked: SeriesMarker<Time>[] = []

  constructor(
    container: HTMLElement,
    colors: ChartColors,
    { onHover, onNeedOlder, onSpacing }: PriceChartOptions,
  ) {
    this.#colors = colors
    // The library's logo brings a style of its own, which the page's policy refuses: the page shows the attribution itself.
    this.#chart = createChart(container, {
      autoSize: true,
      layout: { attributionLogo: false, fontSize: 11 },
      crosshair: { mode: CrosshairMode.Normal },
      timeScale: { barSpacing: BAR_SPACING, rightOffset: 6, timeVisible: true, secondsVisible: false },
      rightPriceScale: { scaleMargins: { top: 0.14, bottom: 0.24 } },
      kineticScroll: { mouse: false, touch: true },
    })
    this.#candles = this.#chart.addSeries(CandlestickSeries, {
      lastValueVisible: true,
      priceLineStyle: LineStyle.Dotted,
    })
    this.#volume = this.#chart.addSeries(HistogramSeries, {
      priceScaleId: 'volume',
      priceFormat: { type: 'volume' },
      lastValueVisible: false,
      priceLineVisible: false,
    })
    this.#volume.priceScale().applyOptions({ scaleMargins: { top: 0.82, bottom: 0 } })
    // With each change of a candle the marks would have the whole chart measured and drawn twice: `show` sets them anew.
    this.#candles.subscribeDataChanged = () => {}
    this.#markers = createSeriesMarkers<Time>(this.#candles, [])
    this.#candles.attachPrimitive(this.#breaks)
    this.indicators = new IndicatorLines(this.#chart)
    this.#chart.subscribeCrosshairMove(({ time, sourceEvent }) => {
      // A move by `showAt` has no event.
      if (sourceEvent !== undefined) onHover(typeof time === 'number' ? time : null)
    })
    this.#chart.timeScale().subscribeVisibleLogicalRangeChange((range) => {
      if (range !== null && range.from < AHEAD) onNeedOlder()
      onSpacing(this.#chart.timeScale().options().barSpacing >= NAMED_SPACING)
    })
    this.paint(colors)
  }

  /** Shows all bars anew. */
  show(shown: ShownBars): void {
    const { bars, tail, timeframe, zone, digits, stateOf } = shown
    this.#zone = zone
    const [first] = tail
    const all = [...bars.filter(({ time }) => first === undefined || time < first.time), ...tail]
    const { empty, breaks } = breaksOf(
      all.map(({ time }) => time),
      timeframe,
    )
    const candles = [...all.map((bar) => candleOf(bar, stateOf(bar), this.#colors)), ...empty.map(emptyAt)]
    this.#candles.setData(candles.toSorted((a, b) => a.time - b.time))
    this.#volume.setData(all.map((bar) => volumeOf(bar, this.#colors)))
    this.#breaks.show(breaks, this.#colors.line)
    this.mark(this.#marked)
    this.#last = all.at(-1)
    this.#format(timeframe, digits)
  }

  /** Changes the newest bars only. */
  showTail(tail: readonly Bar[], stateOf: ShownBars['stateOf']): void {
    for (const bar of tail) {
      if (bar.time < (this.#last?.time ?? 0)) continue
      this.#last = bar
      this.#candles.update(candleOf(bar, stateOf(bar), this.#colors))
      this.#volume.update(volumeOf(bar, this.#colors))
    }
  }

  mark(markers: SeriesMarker<Time>[]): void {
    this.#marked = markers
    this.#markers.setMarkers(markers)
  }

  /** Puts the crosshair on a bar. */
  showAt(bar: Bar | undefined): void {
    if (bar === undefined) this.#chart.clearCrosshairPosition()
    else this.#chart.setCrosshairPosition(Number(bar.close), utc(bar.time), this.#candles)
  }

  showNewest(): void {
    this.#chart.timeScale().applyOptions({ barSpacing: BAR_SPACING })
    this.#chart.timeScale().scrollToRealTime()
  }

  paint(colors: ChartColors): void {
    this.#colors = colors
    const { background, text, grid, line, up, down } = colors
    this.#chart.applyOptions({
      layout: { background: { color: background }, textColor: text, panes: { separatorColor: line } },
      grid: { vertLines: { color: grid }, horzLines: { color: grid } },
      crosshair: {
        vertLine: { color: text, labelBackgroundColor: colors.strong },
        horzLine: { color: text, labelBackgroundColor: colors.strong },
      },
      timeScale: { borderColor: line },
      rightPriceScale: { borderColor: line },
    })
    this.#candles.applyOptions({
      upColor: up,
      downColor: down,
      borderUpColor: up,
      borderDownColor: down,
      wickUpColor: up,
      wickDownColor: down,
    })
  }

  dispose(): void {
    this.#chart.remove()
  }

  #format(timeframe: string, digits: number): void {
    const zone = this.#zone
    const isOfDays = timeframe === '1Day'
    this.#candles.applyOptions({
      priceFormat: {
        type: 'custom',
        minMove: 10 ** -digits,
        formatter: (price: number) => this.#priceLabel(price, digits),
      },
    })
    this.#chart.applyOptions({
      localization: {
        timeFormatter: (time: Time) => timeText(Number(time), zone, isOfDays ? 'date' : 'dateTime'),
      },
      timeScale: {
        tickMarkFormatter: (time: Time, type: TickMarkType) =>
          tickLabel(Number(time), type, { zone, isOfDays }),
      },
    })
  }

  /** A place on the axis is a double; that of the last price is the text that the API sent. */
  #priceLabel(price: number, digits: number): string {
    const last = this.#last?.close
    if (
      last !== undefined &&
      Number(last) === price &&
      last.includes('.') &&
      last.split('.')[1]?.length === digits
    )
      return last
    return price.toFixed(digits)
  }
}

function tickLabel(
  time: number,
  type: TickMarkType,
  { zone, isOfDays }: { readonly zone: Zone; readonly isOfDays: boolean },
): string {
  const clock = timeText(time, zone)
  const isDay = isOfDays || clock === '00:00'
  if (!isDay) return clock
  const [monthAndDay = '', year = ''] = timeText(time, zone, 'date').split(', ')
  if (type === TickMarkType.Year) return year
  return type === TickMarkType.Month ? (monthAndDay.split(' ')[0] ?? monthAndDay) : monthAndDay
}
