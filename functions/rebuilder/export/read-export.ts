import { readPage } from '../../api/bars/read-page.ts'
import type { BarRow } from '../../api/bars/bar-row.ts'
import type { Sources } from '../../api/endpoint.ts'
import type { Place } from '../../api/page/read-plan.ts'
import { ONE_MINUTE, parseTimeframe } from '../../domain/calendar/timeframe.ts'
import { CHUNK_ROWS } from './export-files.ts'
import type { ExportTask } from './export-task.ts'

/** Symbols that are read together: a page plans its reads of all of them. */
const GROUP = 100

/** Where an export is: in a group of symbols, behind a bar of it. */
type ExportPosition = { readonly group: number; readonly after: Place | null }

type Chunk = {
  /** As many as a chunk has; fewer in the last one. */
  readonly rows: readonly BarRow[]
  readonly next: ExportPosition
  /** Symbols whose bars are all read. */
  readonly symbols: number
}

type ExportSources = Pick<Sources, 'database' | 'now'> & {
  /** @default 50,000 */
  readonly chunkRows?: number | undefined
}

/**
 * Reads the bars of an export from a position on, by symbol, then time: in chunks that depend on the bars alone, however
 * many reads they take.
 */
export async function* readChunks(
  sources: ExportSources,
  task: Omit<ExportTask, 'place' | 'type'>,
  { group: first, after: place }: ExportPosition,
): AsyncGenerator<Chunk, void, undefined> {
  const { chunkRows = CHUNK_ROWS } = sources
  const symbols = task.symbols.toSorted()
  let rows: BarRow[] = []
  let after = place ?? undefined
  for (let group = first; group * GROUP < symbols.length; group++) {
    const ofGroup = symbols.slice(group * GROUP, (group + 1) * GROUP)
    for (let isOver = false; !isOver;) {
      const limit = chunkRows - rows.length
      const page = await readPage(sources, { ...queryOf(task), symbols: ofGroup, after, limit })
      const taken = page.rows.slice(0, limit)
      rows.push(...taken)
      const last = taken.at(-1)
      isOver = page.rows.length <= limit && page.reached === undefined
      if (page.rows.length <= limit) after = page.reached
      else if (last !== undefined) after = { symbol: last.symbol, time: last.time * 1000 }
      if (rows.length < chunkRows) continue
      // At the end of a group the next read finds that there is no more.
      const at = last === undefined ? undefined : { symbol: last.symbol, time: last.time * 1000 }
      const done = ofGroup.findIndex((symbol) => symbol === last?.symbol)
      yield { rows, next: { group, after: at ?? null }, symbols: group * GROUP + Math.max(0, done) }
      rows = []
    }
    after = undefined
  }
  yield { rows, next: { group: Math.ceil(symbols.length / GROUP), after: null }, symbols: symbols.length }
}

function queryOf({ timeframe, tz: zone, from, to, asof }: Omit<ExportTask, 'place' | 'type'>) {
  return {
    timeframe: parseTimeframe(timeframe) ?? ONE_MINUTE,
    zone,
    asof,
    direction: 'asc' as const,
    from: from * 1000,
    to: to * 1000,
  }
}
