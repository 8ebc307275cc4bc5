import { type BarKind, needsSides } from '../../functions/domain/other-bars/kind.ts'
import { OtherBarsError, type OtherBar } from '../../functions/domain/other-bars/other-bar.ts'
import { checkReplay, type ReplayOptions } from '../embedded/replay-options.ts'
import { reportReplay, reportRows } from '../embedded/replay-summary.ts'
import type { SideSource } from '../../functions/domain/other-bars/sides.ts'
import { noSides, otherBarCells, otherBarColumns } from '../stage/other-bar-rows.ts'
import { withRejects } from '../stage/rejects.ts'
import { pagesOfRows, writePages } from '../stage/write-csv.ts'
import { UsageError } from '../terminal/errors.ts'
import { count, openScreen } from '../terminal/screen.ts'
import { inThrowAwayFolder } from '../terminal/throw-away-folder.ts'
import { inCodePoints } from './bar-table.ts'
import { type FoldedFiles, foldFilesInto } from './fold-files.ts'
import { OtherFold } from './other-fold.ts'
import { readingOnScreen, type Replaying } from './reading-on-screen.ts'

type OtherReplayOptions = Omit<ReplayOptions, 'signals' | 'patterns'> & {
  /** The kind of bars, by its name, and what it means. */
  readonly bars: { readonly name: string; readonly kind: BarKind }
  readonly side: SideSource
}

/** Folds recorded trades into bars of another kind than minutes, in this process. */
export async function directOtherBars(
  files: readonly string[],
  options: OtherReplayOptions,
): Promise<number> {
  const screen = openScreen()
  await checkReplay(files, options)
  return await inThrowAwayFolder('replay', (folder) =>
    withRejects({ screen, file: options.rejects }, async (rejects) => {
      const started = performance.now()
      const made = await fold(files, { options, screen, folder, rejects })
      const seconds = (performance.now() - started) / 1000
      return await report(made, { options, screen, seconds })
    }),
  )
}

type Made = { readonly folded: FoldedFiles; readonly bars: ReadonlyMap<string, readonly OtherBar[]> }

async function fold(
  files: readonly string[],
  replaying: Replaying & { readonly options: OtherReplayOptions },
): Promise<Made> {
  const { options, screen } = replaying
  const { bars: wanted, side } = options
  const bars = new Map<string, OtherBar[]>()
  const folds = new Map<string, OtherFold>()
  const onBars = (symbol: string, more: readonly OtherBar[]): void => {
    const own = bars.get(symbol)
    if (own === undefined) bars.set(symbol, [...more])
    else for (const bar of more) own.push(bar)
  }
  try {
    const folded = await foldFilesInto(files, {
      ...readingOnScreen(replaying),
      read: { ...options, sides: side === 'venue' },
      createFold: (symbol) => {
        const own = new OtherFold(symbol, { kind: wanted.kind, side, onBars })
        folds.set(symbol, own)
        return own
      },
      onSort: () => {
        bars.clear()
        folds.clear()
        screen.status('sorting the trades ...')
      },
    })
    const isSideless = folds.size > 0 && [...folds.values()].every(({ hasSides }) => !hasSides)
    if (needsSides(wanted.kind) && isSideless) throw noSides(wanted.name, side)
    return { folded, bars }
  } catch (error) {
    if (error instanceof OtherBarsError) throw new UsageError(error.message)
    throw error
  }
}

async function report(
  { folded, bars }: Made,
  {
    options,
    screen,
    seconds,
  }: Pick<Replaying, 'screen'> & {
    readonly options: OtherReplayOptions
    readonly seconds: number
  },
): Promise<number> {
  const { counts, refused: rejected } = folded
  const gathered = { counts, hasConditions: counts.withConditions > 0 }
  const good = counts.read - counts.rejectedRows - counts.leftOutRows
  if (good === 0) return reportRows(gathered, { screen, good })
  const { out, side, formulas } = options
  const written: [string, string][] = []
  if (out !== undefined) {
    const rows = await writePages(out, {
      columns: otherBarColumns(side),
      formulas,
      pages: pagesOfRows(rowsOf(bars)),
    })
    written.push(['csv bars', `${count(rows)} to ${out}`])
  }
  const all = [...bars.values()].flat()
  const trades = all.reduce((sum, { tradeCount }) => sum + tradeCount, 0)
  screen.end()
  return reportReplay({ bars: all.length, trades, rejected }, { gathered, screen, seconds, written })
}

function* rowsOf(bars: Made['bars']) {
  for (const symbol of inCodePoints([...bars.keys()]))
    for (const bar of bars.get(symbol) ?? []) yield otherBarCells(symbol, bar)
}
