import { barsOfSymbol } from './bars/bars-of-symbol.ts'
import { bars } from './bars/bars.ts'
import { latestBars } from './bars/latest-bars.ts'
import { revisions } from './bars/revisions.ts'
import type { Served } from './endpoint.ts'
import { indicators } from './indicators/indicators.ts'
import { latestIndicators } from './indicators/latest-indicators.ts'
import { breadth } from './market/breadth.ts'
import { movers } from './market/movers.ts'
import { symbols } from './market/symbols.ts'
import { patterns } from './patterns/patterns.ts'
import { quality } from './quality/quality.ts'
import { screen } from './screen/screen.ts'
import { health } from './status/health.ts'
import { stats } from './status/stats.ts'

/** All resources; of two that match a path, the first. */
export const ENDPOINTS: readonly Served[] = [
  latestBars,
  bars,
  barsOfSymbol,
  revisions,
  latestIndicators,
  indicators,
  patterns,
  symbols,
  movers,
  breadth,
  screen,
  quality,
  health,
  stats,
]
