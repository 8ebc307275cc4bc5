import type { LeanColumns } from '../archive/archive-columns.ts'
import { type ArchivedHours, type Bucket, createArchivedHours, createLeanHours } from './archived-hours.ts'
import { plainHour, type PlainHour } from './plain-hour.ts'
import { type Row, rowsOf, runsBySymbol } from './row.ts'

/** What the archive has of a symbol and hour. */
export type SymbolHour =
  | { readonly type: 'plain'; readonly plain: PlainHour }
  /** In the order of their time, each once. */
  | { readonly type: 'rows'; readonly rows: readonly Row[] }

/** Reads an hour lean, and whole where something in it must be put in order. */
export type HourReaders = {
  readonly lean: ArchivedHours<LeanColumns>
  readonly whole: ArchivedHours
}

/** Both of an archive in S3. They throw ArchiveError naming the object that cannot be read. */
export function createHourReaders(bucket: Bucket): HourReaders {
  return { lean: createLeanHours(bucket), whole: createArchivedHours(bucket) }
}

/** What the archive has of some symbols and an hour (Unix seconds of its start). */
export async function readSymbolHours(
  { lean, whole }: HourReaders,
  hour: number,
  symbols: ReadonlySet<string>,
): Promise<ReadonlyMap<string, SymbolHour>> {
  const hours = new Map<string, SymbolHour>()
  const others = new Set<string>()
  for (const [symbol, runs] of runsBySymbol(await lean(hour, symbols), symbols)) {
    const plain = plainHour(runs)
    if (plain === undefined) others.add(symbol)
    else hours.set(symbol, { type: 'plain', plain })
  }
  if (others.size === 0) return hours
  for (const [symbol, runs] of runsBySymbol(await whole(hour, others), others))
    hours.set(symbol, { type: 'rows', rows: rowsOf(runs) })
  return hours
}

/** Unix seconds of the newest trade; 0 where there is none. */
export function newestOf(hour: SymbolHour | undefined): number {
  if (hour === undefined) return 0
  if (hour.type === 'plain') return hour.plain.trades.columns.seconds.at(-1) ?? 0
  const last = hour.rows.at(-1)
  return last?.of.seconds[last.at] ?? 0
}
