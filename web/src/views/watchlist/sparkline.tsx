import { useEffect, useRef } from 'preact/hooks'

import type { Quote } from '../../market/quote.ts'
import { colorOf, isDark, pixelRatio } from '../../state/theme.ts'
import { whenIdle } from '../when-idle.ts'
import { memo } from './memo.ts'

const COLORS = { up: 'up', down: 'down', flat: 'muted' } as const

type SparklineProps = { readonly points: Quote['spark']; readonly direction: keyof typeof COLORS }

/** The closes of the last 24 hours. Only a picture: the row has the numbers. */
export const Sparkline = memo(({ points, direction }: SparklineProps) => {
  const image = useRef<HTMLImageElement>(null)
  const [dark, ratio] = [isDark.value, pixelRatio.value]
  useEffect(() => {
    if (points.length < 2) {
      image.current?.removeAttribute('src')
      return undefined
    }
    // Prices are on the screen first.
    return whenIdle(async (isCancelled) => {
      const { drawLine } = await import('./draw-line.ts')
      if (isCancelled() || image.current === null) return
      image.current.src = drawLine(
        points.map(({ time, close }) => [time, Number(close)]),
        colorOf(COLORS[direction]),
      )
    })
  }, [points, direction, dark, ratio])
  return <img ref={image} class="sparkline" alt="" />
})
