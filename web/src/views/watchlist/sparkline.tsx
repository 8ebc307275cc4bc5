import { memo } from './memo.ts'
import { useEffect, useRef } from 'preact/hooks'
import type UPlot from 'uplot'

import type { Quote } from '../../market/quote.ts'
import { colorOf, isDark } from '../../state/theme.ts'
import { whenIdle } from '../when-idle.ts'

const SIZE = { width: 76, height: 26 }
const COLORS = { up: 'up', down: 'down', flat: 'muted' } as const

type SparklineProps = { readonly points: Quote['spark']; readonly direction: keyof typeof COLORS }

/** The closes of the last 24 hours. Only a picture: the row has the numbers. */
export const Sparkline = memo(({ points, direction }: SparklineProps) => {
  const container = useRef<HTMLSpanElement>(null)
  const plot = useRef<UPlot | undefined>(undefined)
  const newest = useRef(points)
  newest.current = points
  const dark = isDark.value
  useEffect(() => {
    // Prices are on the screen first.
    const cancel = whenIdle(async (isCancelled) => {
      const { default: Plot } = await import('uplot')
      if (isCancelled() || container.current === null) return
      const data = dataOf(newest.current)
      plot.current = new Plot(optionsFor(colorOf(COLORS[direction])), data, container.current)
    })
    return () => {
      cancel()
      plot.current?.destroy()
      plot.current = undefined
    }
  }, [direction, dark])
  useEffect(() => plot.current?.setData(dataOf(points)), [points])
  return <span ref={container} class="sparkline" aria-hidden="true" />
})

function dataOf(points: Quote['spark']): UPlot.AlignedData {
  return [points.map(({ time }) => time), points.map(({ close }) => Number(close))]
}

function optionsFor(stroke: string): UPlot.Options {
  return {
    ...SIZE,
    padding: [3, 1, 3, 1],
    cursor: { show: false },
    legend: { show: false },
    axes: [{ show: false }, { show: false }],
    scales: { x: { time: false } },
    series: [{}, { stroke, width: 1.25, points: { show: false } }],
  }
}
