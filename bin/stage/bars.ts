import { type Formulas, csvLine } from '../../functions/api/formats/csv.ts'
import { OtherBarsError } from '../../functions/domain/other-bars/other-bar.ts'
import { createArchivedHours, createLeanHours } from '../../functions/rebuilder/archived-hours.ts'
import { UsageError } from '../terminal/errors.ts'
import { printText } from '../terminal/print.ts'
import { count, openScreen } from '../terminal/screen.ts'
import { archivedBars, NoSidesError, type SymbolBars } from './archived-bars.ts'
import { archiveOf } from './archived-symbols.ts'
import { deployedEnvironment } from './deployed-function.ts'
import type { DeployedStage } from './find-deployment.ts'
import type { SideSource } from '../../functions/domain/other-bars/sides.ts'
import { noSides, otherBarCells, otherBarColumns } from './other-bar-rows.ts'
import type { NamedKind } from './other-bars-options.ts'
import { checkOutputs } from './output-file.ts'
import { type CsvRow, writePages } from './write-csv.ts'

export type BarsOptions = {
  readonly symbols: readonly string[]
  readonly kind: NamedKind
  readonly side: SideSource
  /** Unix seconds; `to` is not in the span. */
  readonly from: number
  /** @default now */
  readonly to?: number
  /** @default standard output */
  readonly out?: string
  readonly formulas: Formulas
}

/** Makes bars of a kind from the archive of a deployment, and writes them as CSV. */
export async function writeBars(deployed: DeployedStage, options: BarsOptions): Promise<number> {
  const { kind, side, out, formulas, from, to = Math.ceil(Date.now() / 1000) } = options
  if (to <= from) throw new UsageError('--to is not after --from: give a later --to')
  if (out !== undefined) checkOutputs([{ option: '--out', file: out }], [])
  // A stage without an archive has no such function.
  const { ARCHIVE_BUCKET = '' } = await deployedEnvironment('rebuilder', deployed)
  const bucket = archiveOf(deployed, ARCHIVE_BUCKET)
  const screen = openScreen(process.stderr)
  const onHour = (hour: number): void =>
    screen.status(`reading the archive: ${new Date(hour * 1000).toISOString().slice(0, 13)}:00`)
  const archive = { lean: createLeanHours(bucket), whole: createArchivedHours(bucket) }
  const bars = archivedBars(archive, { ...options, kind: kind.kind, side, from, to, onHour })
  const columns = otherBarColumns(side)
  try {
    const rows =
      out === undefined
        ? await print(bars, { columns, formulas })
        : await writePages(out, { columns, formulas, pages: pagesOf(bars) })
    screen.end()
    if (out !== undefined) screen.print(`${count(rows)} bars to ${out}`)
    if (rows === 0) screen.print(`the archive has no trade of ${options.symbols.join(', ')} in that time`)
    return 0
  } catch (error) {
    // A file that is not written says why.
    const reason = error instanceof Error && error.cause !== undefined ? error.cause : error
    if (reason instanceof NoSidesError) throw noSides(kind.name, side)
    if (reason instanceof OtherBarsError) throw new UsageError(reason.message)
    throw error
  } finally {
    screen.end()
  }
}

type Table = { readonly columns: readonly string[]; readonly formulas: Formulas }

async function print(bars: AsyncIterable<SymbolBars>, { columns, formulas }: Table): Promise<number> {
  let rows = 0
  const header = `${csvLine(columns, formulas)}\n`
  for await (const page of pagesOf(bars)) {
    if (rows === 0) printText(header)
    printText(page.map((row) => `${csvLine(row, formulas)}\n`).join(''))
    rows += page.length
  }
  if (rows === 0) printText(header)
  return rows
}

async function* pagesOf(bars: AsyncIterable<SymbolBars>): AsyncGenerator<readonly CsvRow[], void, undefined> {
  for await (const { symbol, bars: some } of bars)
    if (some.length > 0) yield some.map((bar) => otherBarCells(symbol, bar))
}
