import { fillGaps } from '../../api/bars/fill-gaps.ts'
import { type FillPlace, type PageQuery, placeBehind } from '../../api/bars/page-query.ts'
import { readPage } from '../../api/bars/read-page.ts'
import type { BarRow } from '../../api/bars/bar-row.ts'
import { sessionsOf } from '../../api/bars/sessions.ts'
import type { Sources } from '../../api/endpoint.ts'
import { ONE_MINUTE, parseTimeframe } from '../../domain/calendar/timeframe.ts'
import { CHUNK_ROWS } from './export-files.ts'
import type { ExportTask } from './export-task.ts'

/** Symbols that are read together: a page plans its reads of all of them. */
const GROUP = 100

/** Where an export is: in a group of symbols, behind a bar of it. */
type ExportPosition = { readonly group: number; readonly after: FillPlace | null }

/** What has been read after a page. */
export type ReadStep = {
  /** `page`: more rows of the chunk are to come. `chunk`: it has as many as a chunk has. `last`: there are no more. */
  readonly type: 'page' | 'chunk' | 'last'
  /** Of the chunk so far. */
  readonly rows: readonly BarRow[]
  readonly next: ExportPosition
  /** Symbols whose bars are all read. */
  readonly symbols: number
}

/** Where reading begins: at a position, with the rows of a chunk that were read before it. */
type ReadFrom = { readonly position: ExportPosition; readonly rows: readonly BarRow[] }

export type ExportSources = Pick<Sources, 'database' | 'now' | 'tradingHours'> & {
  /** @default 50,000 */
  readonly chunkRows?: number | undefined
}

type BarsTask = Omit<ExportTask, 'place' | 'type'>

/**
 * Reads the bars of an export from a position on, by symbol, then time: in chunks that depend on the bars alone, however
 * many pages they take and wherever reading was ended between two of them. A page takes seconds, and each leads further.
 */
export async function* readChunks(
  sources: ExportSources,
  task: BarsTask,
  { position, rows: given }: ReadFrom,
): AsyncGenerator<ReadStep, void, undefined> {
  const { chunkRows = CHUNK_ROWS } = sources
  const symbols = task.symbols.toSorted()
  const query = queryOf(task, sources)
  let rows = [...given]
  let { group, after } = position
  while (group * GROUP < symbols.length) {
    const ofGroup = symbols.slice(group * GROUP, (group + 1) * GROUP)
    const limit = chunkRows - rows.length
    const page = await readBars(sources, task, {
      ...query,
      symbols: ofGroup,
      after: after ?? undefined,
      limit,
    })
    for (const row of page.rows) rows.push(row)
    if (page.reached === undefined) [group, after] = [group + 1, null]
    else after = page.reached
    const done = after === null ? 0 : ofGroup.indexOf(after.symbol)
    const step = { rows, next: { group, after }, symbols: Math.min(group * GROUP + done, symbols.length) }
    const isWhole = rows.length === chunkRows
    yield { type: isWhole ? 'chunk' : 'page', ...step }
    if (isWhole) rows = []
  }
  yield { type: 'last', rows, next: { group, after: null }, symbols: symbols.length }
}

type Read = {
  /** No more than the limit. */
  readonly rows: readonly BarRow[]
  /** Where the next page begins; undefined behind the last one. */
  readonly reached: FillPlace | undefined
}

async function readBars(sources: ExportSources, { fill, asof }: BarsTask, query: PageQuery): Promise<Read> {
  const page = await readPage(sources, query)
  // What is filled up to is a moment too: the bars that were over when the job was submitted.
  const {
    rows: all,
    reached,
    placeOf,
  } = fill === 'none'
    ? { ...page, placeOf: placeBehind }
    : await fillGaps(sources, page, { fill, query, now: asof })
  const rows = all.slice(0, query.limit)
  const last = rows.at(-1)
  return { rows, reached: all.length <= query.limit || last === undefined ? reached : placeOf(last) }
}

function queryOf(
  { symbols, timeframe, tz: zone, session, from, to, asof }: BarsTask,
  { tradingHours }: ExportSources,
) {
  return {
    timeframe: parseTimeframe(timeframe) ?? ONE_MINUTE,
    zone,
    asof,
    direction: 'asc' as const,
    from: from * 1000,
    to: to * 1000,
    sessionOf: session === 'all' ? undefined : sessionsOf(session, symbols, tradingHours),
  }
}
