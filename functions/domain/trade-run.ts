import { type TradeRun, tradesFrom } from './trade.ts'

/** The trades of a run from a place on, those before it being applied. */
export function runFrom(run: TradeRun, place: number): TradeRun {
  return {
    ...run,
    skipped: (run.skipped ?? 0) + place,
    isContinued: true,
    trades: tradesFrom(run.trades, place),
    replacements: run.replacements?.slice(place),
  }
}

/** True for trades that count on a contiguous line, so that a missing one would be noticed. */
export function isCounted({ line, trades }: TradeRun): boolean {
  return trades.hasIds && line !== undefined && line.isContiguous
}
