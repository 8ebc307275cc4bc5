import { NO_ID, UPDATES } from '../../../functions/domain/trade.ts'
import { appliedTrades } from '../../../functions/rebuilder/applied-trades.ts'
import type { ArchivedHours } from '../../../functions/rebuilder/archived-hours.ts'
import { distinctTrades } from '../../../functions/rebuilder/distinct-trades.ts'
import { lineOf, type Row, rowsOf, runsBySymbol } from '../../../functions/rebuilder/row.ts'
import { IdRuns } from './id-runs.ts'

/** What the archive has of a symbol and day. */
type ArchivedDay = {
  /** Trades that count in a bar, each once, without cancelled ones. */
  trades: number
  /** Ids of contiguous lines that are missing, each on the day of the trade after it. */
  missingIds: number
}

/** By `dayKey`. */
export type ArchivedDays = ReadonlyMap<string, Readonly<ArchivedDay>>

const HOUR = 3600

/** Names a symbol and its day, UTC. */
export function dayKey(symbol: string, seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 10)} ${symbol}`
}

/** Reads a span (Unix seconds) of the archive, hour by hour. */
export async function readArchivedDays(
  archive: ArchivedHours,
  given: readonly string[],
  {
    from,
    to,
    onHour,
  }: { readonly from: number; readonly to: number; readonly onHour: (hour: number) => void },
): Promise<ArchivedDays> {
  const symbols = new Set(given)
  const days = new Map<string, ArchivedDay>()
  const lines = new Map<string, { readonly symbol: string; readonly runs: IdRuns }>()
  const dayOf = (symbol: string, seconds: number): ArchivedDay => {
    const key = dayKey(symbol, seconds)
    const day = days.get(key) ?? { trades: 0, missingIds: 0 }
    days.set(key, day)
    return day
  }
  for (let hour = from; hour < to; hour += HOUR) {
    onHour(hour)
    for (const [symbol, runs] of runsBySymbol(await archive(hour, symbols), symbols)) {
      const rows = rowsOf(runs)
      const { trades } = appliedTrades(distinctTrades(rows))
      dayOf(symbol, hour).trades += trades.filter(
        ({ updates = UPDATES.all }) => (updates & UPDATES.volume) !== 0,
      ).length
      noteIds(lines, symbol, rows)
    }
  }
  for (const { symbol, runs } of lines.values())
    for (const { missing, at } of runs.holes()) dayOf(symbol, at).missingIds += missing
  return days
}

function noteIds(
  lines: Map<string, { readonly symbol: string; readonly runs: IdRuns }>,
  symbol: string,
  rows: readonly Row[],
): void {
  const counted = rows.filter(
    ({ of, at }) => of.contiguous[at] === true && (of.id[at] ?? NO_ID) !== NO_ID && of.type[at] === 'trade',
  )
  for (const [line, ofLine] of Map.groupBy(counted, lineOf)) {
    const key = `${symbol} ${line}`
    const known = lines.get(key) ?? { symbol, runs: new IdRuns() }
    lines.set(key, known)
    known.runs.add(ofLine.map(({ of, at }) => ({ id: of.id[at] ?? NO_ID, at: of.seconds[at] ?? 0 })))
  }
}
