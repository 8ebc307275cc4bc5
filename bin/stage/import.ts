import { symbolMatcher } from '../../functions/shared/runtime/symbol-matcher.ts'
import { countLines } from '../terminal/count-lines.ts'
import { onInterrupt } from '../terminal/interrupt.ts'
import { count, openScreen, type Screen } from '../terminal/screen.ts'
import { archiveTrades, type Imported } from './archive-trades.ts'
import { deployedArchive } from './archived-symbols.ts'
import { deployedEnvironment } from './deployed-function.ts'
import type { DeployedStage } from './find-deployment.ts'
import { gatherOnScreen, readingStatus } from './gather-on-screen.ts'
import type { GatheredTrades } from './gather-trades.ts'
import { checkOutputs } from './output-file.ts'
import type { FileOptions } from './read-options.ts'
import { rebuild } from './rebuild.ts'
import { type Rejects, rejectsText, withRejects } from './rejects.ts'
import { inThrowAwayFolder } from '../terminal/throw-away-folder.ts'

export type ImportOptions = FileOptions & {
  readonly rejects?: string
  /** Whether trades have their sides. @default true */
  readonly sides?: boolean
}

/** Adds the trades of files to the archive of a deployment, and rebuilds the bars of their time. */
export async function importFiles(
  deployed: DeployedStage,
  files: readonly string[],
  options: ImportOptions,
): Promise<number> {
  const { rejects: file } = options
  checkOutputs(file === undefined ? [] : [{ option: '--rejects', file }], files)
  const screen = openScreen()
  const bucket = await deployedArchive(deployed, 'archiver')
  const signal = onInterrupt(() =>
    screen.print('stopping after this hour of trades (Ctrl-C again: stop at once)'),
  )
  const { gathered, imported } = await inThrowAwayFolder('import', (folder) =>
    withRejects({ screen, file }, async (rejects) => {
      const read = await gather(deployed, files, { options, folder, screen, rejects, signal })
      const done = await archiveTrades(read, bucket, {
        signal,
        onRejected: (row) => rejects.add(row),
        onProgress: (trades) => screen.status(`importing: ${count(trades)} trades`),
      })
      return { gathered: read, imported: done }
    }),
  )
  screen.end()
  printCounts(gathered, { imported, screen })
  if (signal.aborted) {
    screen.print('stopped before the rebuild: import the same files again')
    return 1
  }
  if (gathered.counts.put === 0) return gathered.counts.read === 0 ? 0 : 1
  let code = 0
  for (const span of spansOf(imported.hours)) code = Math.max(code, await rebuild(deployed, span))
  return code
}

async function gather(
  deployed: DeployedStage,
  files: readonly string[],
  {
    options,
    folder,
    screen,
    rejects,
    signal,
  }: {
    readonly options: ImportOptions
    readonly folder: string
    readonly screen: Screen
    readonly rejects: Rejects
    readonly signal: AbortSignal
  },
): Promise<GatheredTrades> {
  const { NON_POSITIVE_PRICES = '' } = await deployedEnvironment('aggregator', deployed)
  return await gatherOnScreen(files, {
    read: { ...options, sides: options.sides ?? true },
    folder,
    signal,
    screen,
    rejects,
    allowsNonPositive: symbolMatcher(NON_POSITIVE_PRICES),
    statusOf: readingStatus,
  })
}

function printCounts(
  { counts }: GatheredTrades,
  { imported, screen }: { readonly imported: Imported; readonly screen: Screen },
): void {
  const more = rejectsText(counts)
  if (more !== undefined) screen.print(more)
  screen.print(
    countLines([
      [counts.read, 'rows'],
      [counts.rejectedRows, 'rejected'],
      [counts.leftOutRows, 'left out'],
      [counts.duplicates, 'duplicates in the files'],
      [imported.known, 'imported before'],
      [imported.differing, 'imported before with another price or volume, which stays'],
      [imported.added, 'added to the archive'],
    ]),
  )
}

const HOUR = 3600
/** Hours without trades that are rebuilt along with those around them, rather than by a call more. */
const GAP_HOURS = 24

/** Spans of time with trades, and the symbols that have some in each. */
export function spansOf(
  hours: ReadonlyMap<number, ReadonlySet<string>>,
): readonly { readonly symbols: readonly string[]; readonly from: number; readonly to: number }[] {
  const spans: { readonly symbols: Set<string>; readonly from: number; to: number }[] = []
  for (const [hour, symbols] of [...hours].toSorted(([one], [other]) => one - other)) {
    const last = spans.at(-1)
    if (last !== undefined && hour - last.to <= GAP_HOURS * HOUR) {
      last.to = hour + HOUR
      for (const symbol of symbols) last.symbols.add(symbol)
    } else spans.push({ symbols: new Set(symbols), from: hour, to: hour + HOUR })
  }
  return spans.map(({ symbols, from, to }) => ({ symbols: [...symbols].toSorted(), from, to }))
}
