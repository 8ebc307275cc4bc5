import type {
  IChartApi,
  IPrimitivePaneView,
  ISeriesPrimitive,
  SeriesAttachedParameter,
} from 'lightweight-charts'

import type { Break } from '../../market/breaks.ts'
import { durationText } from '../../market/gap.ts'
import { utc } from './utc.ts'

const LABEL_SPACE = 90

/** Lines across the chart where there was no bar for long: closed hours, or a symbol that did not trade. */
export class BreakLines implements ISeriesPrimitive {
  #chart: IChartApi | undefined
  #requestUpdate: (() => void) | undefined
  #breaks: readonly Break[] = []
  #color = 'gray'

  attached({ chart, requestUpdate }: SeriesAttachedParameter): void {
    this.#chart = chart
    this.#requestUpdate = requestUpdate
  }

  show(breaks: readonly Break[], color: string): void {
    this.#breaks = breaks
    this.#color = color
    this.#requestUpdate?.()
  }

  paneViews(): readonly IPrimitivePaneView[] {
    return [
      {
        zOrder: () => 'bottom',
        renderer: () => ({ draw: (target) => target.useMediaCoordinateSpace(this.#draw) }),
      },
    ]
  }

  readonly #draw = ({
    context,
    mediaSize,
  }: {
    readonly context: CanvasRenderingContext2D
    readonly mediaSize: { readonly height: number }
  }): void => {
    const scale = this.#chart?.timeScale()
    if (scale === undefined) return
    context.strokeStyle = this.#color
    context.fillStyle = this.#color
    context.font = '11px system-ui, sans-serif'
    let lastLabel = Number.NEGATIVE_INFINITY
    for (const { from, to } of this.#breaks) {
      // The break is drawn before the bar that ends it.
      const x = scale.timeToCoordinate(utc(to))
      if (x === null) continue
      const place = Math.round(x - scale.options().barSpacing / 2) + 0.5
      context.setLineDash([3, 3])
      context.beginPath()
      context.moveTo(place, 0)
      context.lineTo(place, mediaSize.height)
      context.stroke()
      if (place - lastLabel < LABEL_SPACE) continue
      lastLabel = place
      context.fillText(`no bars ${durationText((to - from) * 1000)}`, place + 4, mediaSize.height - 6)
    }
    context.setLineDash([])
  }
}
