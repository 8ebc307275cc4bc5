import type { Encoding } from '../../feed/encode-record.ts'
import { readTrades } from '../../feed/files/read-trades.ts'
import type { Formulas } from '../../functions/api/formats/csv.ts'
import type { ExportFormat } from '../../functions/rebuilder/export/export-task.ts'
import { checkOutputs } from '../stage/output-file.ts'
import type { FileOptions } from '../stage/read-options.ts'
import { BARS, type CsvSource, PATTERNS, SIGNALS } from '../stage/write-csv.ts'

export type ReplayOptions = FileOptions & {
  readonly out?: string
  /** What it is written as. @default csv */
  readonly outFormat?: ExportFormat
  readonly signals?: string
  readonly patterns?: string
  readonly rejects?: string
  readonly batch: number
  /** @default compact */
  readonly encoding?: Encoding
  readonly formulas: Formulas
  readonly dryRun?: boolean
  readonly direct?: boolean
}

/** The flush at the end closes what is open: a machine that is slow at it makes no corrections. */
export const NO_CLOCK_MS = 86_400_000

/** A file to write, the option that names it, and what of the database it has. */
export type ReplayOutput = {
  readonly option: string
  readonly name: string
  readonly file: string
  readonly source: CsvSource
}

/** The files to write. */
export function outputsOf({
  out,
  signals,
  patterns,
}: Pick<ReplayOptions, 'out' | 'signals' | 'patterns'>): readonly ReplayOutput[] {
  const wanted: readonly (readonly [string, string, string | undefined, CsvSource])[] = [
    ['--out', 'bars', out, BARS],
    ['--signals', 'signals', signals, SIGNALS],
    ['--patterns', 'patterns', patterns, PATTERNS],
  ]
  return wanted.flatMap(([option, name, file, source]) =>
    file === undefined ? [] : [{ option, name: `csv ${name}`, file, source }],
  )
}

/** @throws UsageError or TradeFileError where an output cannot be written, or a file cannot be read at all */
export async function checkReplay(files: readonly string[], options: ReplayOptions): Promise<void> {
  const outputs = outputsOf(options).map((output) =>
    output.option === '--out' ? { ...output, format: options.outFormat } : output,
  )
  const rejects = options.rejects === undefined ? [] : [{ option: '--rejects', file: options.rejects }]
  checkOutputs([...outputs, ...rejects], files)
  // What cannot be read at all is reported before what can be.
  for (const file of files) for await (const _batch of readTrades(file, options)) break
}

const BAR_WIDTH = 24

/** `[=====     ]  20 %` */
export function progressBar(share: number): string {
  const full = Math.round(Math.min(1, share) * BAR_WIDTH)
  return `[${'='.repeat(full)}${' '.repeat(BAR_WIDTH - full)}] ${String(Math.round(share * 100)).padStart(3)} %`
}
