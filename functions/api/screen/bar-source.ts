import type { Analysis } from '../../domain/analysis.ts'
import { screenAnalysisOf } from '../computed/analysis-of.ts'
import { areStored, type Cut, cutsOf } from '../computed/signal-parameters.ts'
import type { Sources } from '../endpoint.ts'
import { BadRequestError } from '../http/problem.ts'
import { DAY_MS } from '../http/times.ts'
import { computedScreen, lookBackOf } from './compute-screened.ts'
import type { BarSource } from './read-screen.ts'
import { LOOK_BACK_DAYS, newestTime, symbolsUpTo, type WhichSymbols } from './screened-symbols.ts'
import { type ScreenedValues, selectScreened } from './select-screened.ts'

type Screening = {
  readonly cut: Cut
  readonly which: WhichSymbols
  /** Unix milliseconds. @default the newest bar there is */
  readonly at: number | undefined
  readonly wanted: ScreenedValues
}

/** Symbols of one statement. */
const AT_ONCE = 500

/**
 * The symbols that are screened, and where their bars come from: those of minutes are stored, with their signals; others are
 * computed, a symbol after the other.
 *
 * @throws BadRequestError for an indicator that cannot be computed of the last bars, and naming a symbol without hours
 */
export async function barSourceOf(
  sources: Sources,
  { cut, which, at, wanted }: Screening,
): Promise<{ readonly symbols: readonly string[]; readonly bars: BarSource }> {
  const { database } = sources
  const now = sources.now()
  const time = at ?? (await newestTime(database, now))
  if (areStored(cut)) {
    const symbols = await symbolsUpTo(database, which, { time, lookBack: LOOK_BACK_DAYS * DAY_MS })
    const read: BarSource['read'] = (some) => selectScreened(database, some, { ...wanted, time })
    return { symbols, bars: { atOnce: AT_ONCE, read } }
  }
  const { indicators, patterns } = wanted
  const analysis = screenAnalysisOf(sources.analysis, { names: indicators, patterns })
  refuseEndless(analysis, cut, indicators)
  const symbols = await symbolsUpTo(database, which, { time, lookBack: lookBackOf(cut.timeframe) })
  const cutOf = cutsOf(cut, symbols, sources)
  const compute = computedScreen(sources, {
    analysis,
    cutOf,
    time,
    closedAt: Math.min(at ?? now, now),
    wanted,
  })
  return { symbols, bars: { atOnce: 1, read: ([symbol = ''], limit) => compute(symbol, limit) } }
}

/** What never forgets would take all bars of each symbol. */
function refuseEndless({ indicators }: Analysis, { timeframe }: Cut, names: readonly string[]): void {
  const endless = names.find((name) =>
    indicators.some(({ indicator, outputs }) => outputs.includes(name) && indicator.fadesAfter === Infinity),
  )
  if (endless === undefined) return
  throw new BadRequestError([
    {
      parameter: 'timeframe',
      value: timeframe.name,
      allowed: `1Min, of all hours, where ${endless} is named: it counts from the first bar of a symbol`,
    },
  ])
}
