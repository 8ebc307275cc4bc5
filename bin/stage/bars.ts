import type { Formulas } from '../../functions/api/formats/csv.ts'
import { OtherBarsError } from '../../functions/domain/other-bars/other-bar.ts'
import type { SideSource } from '../../functions/domain/other-bars/sides.ts'
import { createHourReaders } from '../../functions/rebuilder/symbol-hour.ts'
import type { ExportFormat } from '../../functions/rebuilder/export/export-task.ts'
import { UsageError } from '../terminal/errors.ts'
import { printWhole } from '../terminal/print.ts'
import { count, openScreen } from '../terminal/screen.ts'
import { archivedBars, hourText, NoSidesError, type SymbolBars } from './archived-bars.ts'
import { deployedArchive } from './archived-symbols.ts'
import type { DeployedStage } from './find-deployment.ts'
import { noSides, sidelessText } from './other-bar-rows.ts'
import type { NamedKind } from './other-bars-options.ts'
import { checkOutputs, formatOfFile } from './output-file.ts'
import { otherBarPieces, type OtherBarsForm, writeOtherBars } from './write-other-bars.ts'

export type BarsOptions = {
  readonly symbols: readonly string[]
  readonly kind: NamedKind
  readonly side: SideSource
  /** Unix seconds; `to` is not in the span. Only `follow` does without it: it is now then. */
  readonly from?: number
  /** @default now; with `follow`, none */
  readonly to?: number
  /** Goes on with the trades that come. */
  readonly follow?: boolean
  /** How many seconds a trade is waited for. @default 2 */
  readonly delay?: number
  /** @default standard output */
  readonly out?: string | undefined
  /** @default what the name of the file says, or else CSV */
  readonly format?: ExportFormat | undefined
  readonly textNumbers?: boolean
  /** Of CSV. @default quoted */
  readonly formulas?: Formulas | undefined
}

const DELAY_SECONDS = 2

/** Makes bars of a kind from the archive of a deployment, and with `follow` of what comes on its stream, and writes them. */
export async function writeBars(deployed: DeployedStage, options: BarsOptions): Promise<number> {
  if (options.follow === true) return await printFollowed(deployed, options)
  const { kind, side, out, from, to = Math.ceil(Date.now() / 1000) } = options
  if (from === undefined) throw new UsageError('--from is missing: give the first minute, or --follow')
  if (options.delay !== undefined)
    throw new UsageError('--delay is of --follow, and says nothing of the archive: leave it out')
  if (to <= from) throw new UsageError('--to is not after --from: give a later --to')
  const form = formOf(options)
  if (out !== undefined) checkOutputs([{ option: '--out', file: out, format: form.format }], [])
  const archive = createHourReaders(await deployedArchive(deployed))
  const screen = openScreen(process.stderr)
  const onHour = (hour: number): void => screen.status(hourText(hour))
  const onSideless = (of: readonly string[]): void => screen.print(sidelessText(of, kind.name))
  const bars = archivedBars(archive, { ...options, kind: kind.kind, side, from, to, onHour, onSideless })
  try {
    const rows = out === undefined ? await print(bars, form) : await writeOtherBars(out, bars, form)
    screen.end()
    if (out !== undefined) screen.print(`${count(rows)} bars to ${out}`)
    if (rows === 0) screen.print(`the archive has no trade of ${options.symbols.join(', ')} in that time`)
    return 0
  } catch (error) {
    throw inPlainWords(error, options)
  } finally {
    screen.end()
  }
}

async function printFollowed(deployed: DeployedStage, options: BarsOptions): Promise<number> {
  const { from, to, delay = DELAY_SECONDS, out, format } = options
  if (out !== undefined || format === 'arrow' || format === 'parquet')
    throw new UsageError(
      '--follow prints bars as they close, as csv or ndjson: leave out --out and other formats',
    )
  const form = formOf(options)
  if (to !== undefined && to <= Math.max(from ?? 0, Date.now() / 1000))
    throw new UsageError('--to is not after now and --from: give a later one, or leave out --follow')
  const screen = openScreen(process.stderr)
  const { followBars } = await import('./follow/follow-bars.ts')
  try {
    await print(followBars(deployed, { ...options, from, to, delaySeconds: delay }, screen), form)
    return 0
  } catch (error) {
    throw inPlainWords(error, options)
  } finally {
    screen.end()
  }
}

function inPlainWords(error: unknown, { kind, side }: Pick<BarsOptions, 'kind' | 'side'>): unknown {
  // A file that is not written says why.
  const reason = error instanceof Error && error.cause !== undefined ? error.cause : error
  if (reason instanceof NoSidesError) return noSides(kind.name, side)
  return reason instanceof OtherBarsError ? new UsageError(reason.message) : error
}

/**
 * How bars are to be written.
 *
 * @throws UsageError where an option says nothing of the format
 */
export function formOf({
  out,
  side,
  format = formatOfFile(out),
  textNumbers,
  formulas,
}: Pick<BarsOptions, 'out' | 'side' | 'format' | 'textNumbers' | 'formulas'>): OtherBarsForm {
  if (format !== 'csv' && formulas !== undefined)
    throw new UsageError(`--formulas is of CSV, and the bars are written as ${format}: leave it out`)
  if (format === 'csv' && textNumbers === true)
    throw new UsageError(
      '--text-numbers is not of CSV, which has all digits of decimals anyway: leave it out',
    )
  if (out === undefined && (format === 'arrow' || format === 'parquet'))
    throw new UsageError(`--format ${format} needs --out FILE: only csv and ndjson are printed`)
  return { format, side, formulas: formulas ?? 'quoted', numbers: textNumbers === true ? 'string' : 'number' }
}

/** Ends when nobody reads any more, as of `bars | head`. */
async function print(bars: AsyncIterable<SymbolBars>, form: OtherBarsForm): Promise<number> {
  let rows = 0
  for await (const piece of otherBarPieces(bars, form)) {
    try {
      await printWhole(piece.bytes.toString())
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EPIPE') break
      throw error
    }
    rows += piece.rows
  }
  return rows
}
