import { createAnalysis, findPatterns, startAnalysis, takeBar } from '../../functions/domain/analysis.ts'
import { ONE } from '../../functions/domain/series.ts'
import { PATTERNS, DEFAULT_PATTERNS } from '../../functions/domain/patterns/table.ts'
import type { SeriesBar } from '../../functions/domain/series.ts'

/** Candles shown: those of the pattern, coloured, and what came before. */
const SHOWN = 9
const WIDTH = 180
const HEIGHT = 110
const MARGIN = 8
const BARS = 200_000

/** A picture (SVG) of each pattern by name: the clearest one, by its confidence, in a long random walk. */
export function drawPatterns(): ReadonlyMap<string, string> {
  const analysis = createAnalysis({
    indicators: '',
    patterns: DEFAULT_PATTERNS,
    vwapAnchor: { timeZone: 'UTC', startMinutes: 0 },
  })
  const state = startAnalysis(analysis)
  const values = new Float64Array()
  const recent: SeriesBar[] = []
  const best = new Map<string, { readonly confidence: number; readonly svg: string }>()
  for (const bar of randomWalk(BARS)) {
    takeBar(analysis, state, { bar, values })
    recent.push(bar)
    if (recent.length > SHOWN) recent.shift()
    if (recent.length < SHOWN) continue
    for (const { pattern, confidence } of findPatterns(analysis, state)) {
      const hasBodies = recent.slice(-pattern.candles).every(({ open, close }) => open !== close)
      if (!hasBodies && pattern.name !== 'doji') continue
      if (confidence <= (best.get(pattern.name)?.confidence ?? 0)) continue
      best.set(pattern.name, { confidence, svg: draw(recent, pattern.candles) })
    }
  }
  return new Map(PATTERNS.map(({ name }) => [name, best.get(name)?.svg ?? '']))
}

/** Bars in ticks of 0.01, always the same: the numbers are those of a linear congruential generator. */
function* randomWalk(count: number): Generator<SeriesBar> {
  let seed = 7
  const below = (limit: number): number => {
    seed = (seed * 1_664_525 + 1_013_904_223) % 2 ** 32
    return Math.floor((seed / 2 ** 32) * limit)
  }
  const tick = ONE / 100
  let last = 10_000
  for (let minute = 0; minute < count; minute++) {
    const open = last + below(9) - 4
    const close = open + below(25) - 12
    const high = Math.max(open, close) + below(14)
    const low = Math.min(open, close) - below(14)
    last = Math.max(5000, close)
    yield {
      start: minute * 60,
      open: open * tick,
      high: high * tick,
      low: low * tick,
      close: close * tick,
      volume: ONE,
      vwap: close * tick,
    }
  }
}

function draw(bars: readonly SeriesBar[], highlighted: number): string {
  const low = Math.min(...bars.map((bar) => bar.low))
  const high = Math.max(...bars.map((bar) => bar.high))
  const step = (WIDTH - 2 * MARGIN) / bars.length
  const y = (price: number): number =>
    round(HEIGHT - MARGIN - ((price - low) / (high - low)) * (HEIGHT - 2 * MARGIN))
  const candles = bars.map((bar, index) => {
    const isOfPattern = index >= bars.length - highlighted
    const isWhite = bar.close >= bar.open
    const color = isOfPattern ? (isWhite ? '#1a7f37' : '#cf222e') : '#8c959f'
    const fill = isWhite ? '#ffffff' : color
    const x = round(MARGIN + (index + 0.5) * step)
    const top = y(Math.max(bar.open, bar.close))
    const height = round(Math.max(1, y(Math.min(bar.open, bar.close)) - top))
    return (
      `<line x1="${x}" x2="${x}" y1="${y(bar.high)}" y2="${y(bar.low)}" stroke="${color}"/>` +
      `<rect x="${round(x - step * 0.3)}" y="${top}" width="${round(step * 0.6)}" height="${height}" ` +
      `fill="${fill}" stroke="${color}"/>`
    )
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    ...candles,
    '</svg>\n',
  ].join('\n')
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
