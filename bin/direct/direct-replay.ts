import { rulesOf } from '../../functions/minute-state/rules.ts'
import { readAnalysis } from '../../functions/shared/runtime/analysis-fields.ts'
import { NO_CLOCK_MS, outputsOf, type ReplayOptions } from '../embedded/replay-options.ts'
import { type CsvRow, pagesOfRows, writePages } from '../stage/write-csv.ts'
import { count } from '../terminal/screen.ts'
import { BarTable } from './bar-table.ts'
import { foldFiles } from './fold-files.ts'
import { localConfig, readingOnScreen, type Replaying } from './reading-on-screen.ts'
import { type DirectlyMade, runDirect } from './run-direct.ts'
import { SignalTable } from './signal-table.ts'

/** Folds recorded trades into bars in this process, with the functions that a deployment runs. */
export async function directReplay(files: readonly string[], options: ReplayOptions): Promise<number> {
  return await runDirect(files, options, (replaying) => fold(files, replaying))
}

type Tables = { readonly bars: BarTable; readonly signals: SignalTable | undefined }

async function fold(files: readonly string[], replaying: Replaying): Promise<DirectlyMade> {
  const { options, screen } = replaying
  const config = localConfig()
  const { latenessSeconds } = config
  const hasSignals = options.signals !== undefined || options.patterns !== undefined
  const start = (): Tables => ({
    bars: new BarTable(),
    signals: hasSignals ? new SignalTable(readAnalysis(config), { latenessSeconds }) : undefined,
  })
  let tables = start()
  const folded = await foldFiles(files, {
    ...readingOnScreen(replaying),
    rules: rulesOf({ LATENESS_SECONDS: latenessSeconds, GRACE_MS: NO_CLOCK_MS }),
    onBars: (symbol, pending) => {
      const bars = tables.bars.take(symbol, pending)
      tables.signals?.take(symbol, bars)
    },
    onSort: () => {
      tables = start()
      screen.status('sorting the trades ...')
    },
  })
  const { bars, signals } = tables
  return {
    folded,
    counts: { ...bars.counts, ...signals?.counts },
    write: () => writeOutputs(options, tables),
  }
}

async function writeOutputs(
  options: ReplayOptions,
  { bars, signals }: Tables,
): Promise<readonly (readonly [string, string])[]> {
  const rowsOf: Readonly<Record<string, () => Iterable<CsvRow>>> = {
    '--out': () => bars.rows(),
    '--signals': () => signals?.indicatorRows() ?? [],
    '--patterns': () => signals?.patternRows() ?? [],
  }
  const written: [string, string][] = []
  for (const { option, name, file, source } of outputsOf(options)) {
    const pages = pagesOfRows(rowsOf[option]?.() ?? [])
    const rows = await writePages(file, { ...source, formulas: options.formulas, pages })
    written.push([name, `${count(rows)} to ${file}`])
  }
  return written
}
