import * as z from 'zod'

import { readBars } from '../../feed/files/bars/read-bars.ts'
import { symbolMatcher } from '../../functions/shared/runtime/symbol-matcher.ts'
import { type ImportedBars, MAX_IMPORTED_BARS } from '../../functions/rebuilder/import-bars.ts'
import type { BarRecord } from '../../functions/shared/streams/records.ts'
import { countLines } from '../terminal/count-lines.ts'
import { onInterrupt } from '../terminal/interrupt.ts'
import { openScreen, type Screen } from '../terminal/screen.ts'
import { tradeChecker } from './check-trade.ts'
import { deployedEnvironment } from './deployed-function.ts'
import { describeTable } from './describe-table.ts'
import type { DeployedStage } from './find-deployment.ts'
import { readingStatus } from './gather-on-screen.ts'
import type { ImportOptions } from './import.ts'
import { partInvoker } from './invoke-part.ts'
import { MinuteSet } from './minute-set.ts'
import { checkOutputs } from './output-file.ts'
import { rejecterOf, type Rejects, rejectsText, withRejects } from './rejects.ts'
import { toBarRecord } from './to-bar-record.ts'
import { TradeCounts } from './trade-counts.ts'

const answerSchema: z.ZodType<ImportedBars> = z.object({
  put: z.int(),
  known: z.int(),
  differing: z.int(),
  ofTrades: z.int(),
})

/** Puts the bars of files, as their venue gives them, where a deployment has no bars. */
export async function importBarFiles(
  deployed: DeployedStage,
  files: readonly string[],
  options: ImportOptions,
): Promise<number> {
  const { rejects: file } = options
  checkOutputs(file === undefined ? [] : [{ option: '--rejects', file }], files)
  const ask = await partInvoker('rebuilder', deployed)
  const { NON_POSITIVE_PRICES = '' } = await deployedEnvironment('aggregator', deployed)
  const screen = openScreen()
  const signal = onInterrupt(() => screen.print('stopping (Ctrl-C again: stop at once)'))
  const work: Work = {
    options,
    screen,
    signal,
    counts: new TradeCounts(),
    seen: new MinuteSet(),
    imported: { put: 0, known: 0, differing: 0, ofTrades: 0 },
    check: tradeChecker({ now: Date.now, allowsNonPositive: symbolMatcher(NON_POSITIVE_PRICES) }),
    put: async (bars) => answerSchema.parse(await ask({ type: 'import-bars', bars })),
  }
  await withRejects({ screen, file }, async (rejects) => {
    // What cannot be read at all is reported before anything is put.
    for (const each of files) for await (const _batch of readBars(each, options)) break
    for (const each of files) await importFile(work, each, rejects)
  })
  screen.end()
  printCounts(work)
  if (signal.aborted) {
    screen.print('stopped: import the same files again')
    return 1
  }
  const { read, rejectedRows, leftOutRows } = work.counts
  return read > 0 && read === rejectedRows + leftOutRows ? 1 : 0
}

type Work = {
  readonly options: ImportOptions
  readonly screen: Screen
  readonly signal: AbortSignal
  readonly counts: TradeCounts
  /** Minutes that a file before had, or a row. */
  readonly seen: MinuteSet
  readonly imported: ImportedBars
  readonly check: ReturnType<typeof tradeChecker>
  readonly put: (bars: readonly BarRecord[]) => Promise<ImportedBars>
}

async function importFile(work: Work, file: string, rejects: Rejects): Promise<void> {
  const { options, screen, signal, counts, seen, imported, check } = work
  let described: unknown
  let bars: BarRecord[] = []
  const flush = async (): Promise<void> => {
    if (bars.length === 0) return
    const became = await work.put(bars)
    for (const name of ['put', 'known', 'differing', 'ofTrades'] as const) imported[name] += became[name]
    bars = []
  }
  const onProgress = ({ bytesRead, totalBytes }: { bytesRead: number; totalBytes: number }): void =>
    screen.status(readingStatus(file, totalBytes === 0 ? 1 : bytesRead / totalBytes))
  for await (const { table, rows } of readBars(file, { ...options, onProgress })) {
    if (described !== table) screen.print(describeTable(table))
    described = table
    const { label, format } = table
    for (const row of rows) {
      counts.read++
      const reject = rejecterOf({ counts, rejects }, { ...row, label })
      if (row.type === 'left-out') counts.leaveOut(row.reason)
      else if (row.type === 'bad-row') reject('bad-row', row.reason)
      else {
        const record = toBarRecord(row.bar, {
          source: format.name === 'tickstock' ? 'import' : format.name,
          check,
        })
        if ('reason' in record) reject(record.reason, record.detail)
        else if (seen.add(record.symbol, Date.parse(record.timestamp) / 60_000)) bars.push(record)
        else counts.duplicates++
      }
      if (bars.length === MAX_IMPORTED_BARS) await flush()
    }
    await rejects.room()
    if (signal.aborted) break
  }
  await flush()
}

function printCounts({ counts, imported, screen }: Work): void {
  const more = rejectsText(counts)
  if (more !== undefined) screen.print(more)
  screen.print(
    countLines([
      [counts.read, 'rows'],
      [counts.rejectedRows, 'rejected'],
      [counts.leftOutRows, 'left out'],
      [counts.duplicates, 'left out: a row before is of the same minute'],
      [imported.known, 'imported before'],
      [imported.differing, 'imported before with other values, which stay'],
      [imported.ofTrades, 'left out: their minute has a bar of trades'],
      [imported.put, 'bars put'],
    ]),
  )
}
