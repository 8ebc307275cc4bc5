import { rulesOf } from '../../functions/minute-state/rules.ts'
import { readAnalysis } from '../../functions/shared/runtime/analysis-fields.ts'
import { checkReplay, NO_CLOCK_MS, outputsOf, type ReplayOptions } from '../embedded/replay-options.ts'
import { reportReplay, reportRows } from '../embedded/replay-summary.ts'
import { withRejects } from '../stage/rejects.ts'
import { type CsvRow, pagesOfRows, writePages } from '../stage/write-csv.ts'
import { count, openScreen, type Screen } from '../terminal/screen.ts'
import { inThrowAwayFolder } from '../terminal/throw-away-folder.ts'
import { BarTable } from './bar-table.ts'
import { type FoldedFiles, foldFiles } from './fold-files.ts'
import { localConfig, readingOnScreen, type Replaying } from './reading-on-screen.ts'
import { SignalTable } from './signal-table.ts'

/** Folds recorded trades into bars in this process, with the functions that a deployment runs. */
export async function directReplay(files: readonly string[], options: ReplayOptions): Promise<number> {
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

type Made = {
  readonly folded: FoldedFiles
  readonly bars: BarTable
  readonly signals: SignalTable | undefined
}

async function fold(
  files: readonly string[],
  { options, screen, folder, rejects }: Replaying,
): Promise<Made> {
  const config = localConfig()
  const { latenessSeconds } = config
  const hasSignals = options.signals !== undefined || options.patterns !== undefined
  const start = (): Omit<Made, 'folded'> => ({
    bars: new BarTable(),
    signals: hasSignals ? new SignalTable(readAnalysis(config), { latenessSeconds }) : undefined,
  })
  let made = start()
  const folded = await foldFiles(files, {
    ...readingOnScreen({ options, screen, folder, rejects }),
    rules: rulesOf({ LATENESS_SECONDS: latenessSeconds, GRACE_MS: NO_CLOCK_MS }),
    onBars: (symbol, pending) => {
      const bars = made.bars.take(symbol, pending)
      made.signals?.take(symbol, bars)
    },
    onSort: () => {
      made = start()
      screen.status('sorting the trades ...')
    },
  })
  return { folded, ...made }
}

async function report(
  { folded, bars, signals }: Made,
  {
    options,
    screen,
    seconds,
  }: { readonly options: ReplayOptions; readonly screen: Screen; readonly seconds: number },
): Promise<number> {
  const { counts, refused } = folded
  const gathered = { counts, hasConditions: counts.withConditions > 0 }
  const good = counts.read - counts.rejectedRows - counts.leftOutRows
  if (good === 0) return reportRows(gathered, { screen, good })
  const rows: Readonly<Record<string, () => Iterable<CsvRow>>> = {
    '--out': () => bars.rows(),
    '--signals': () => signals?.indicatorRows() ?? [],
    '--patterns': () => signals?.patternRows() ?? [],
  }
  const written = await writeOutputs(options, (option) => rows[option]?.() ?? [])
  screen.end()
  return reportReplay(
    { ...bars.counts, ...signals?.counts, rejected: refused },
    { gathered, screen, seconds, written },
  )
}

async function writeOutputs(
  options: ReplayOptions,
  rowsOf: (option: string) => Iterable<CsvRow>,
): Promise<[string, string][]> {
  const written: [string, string][] = []
  for (const { option, name, file, source } of outputsOf(options)) {
    const pages = pagesOfRows(rowsOf(option))
    const rows = await writePages(file, { ...source, formulas: options.formulas, pages })
    written.push([name, `${count(rows)} to ${file}`])
  }
  return written
}
