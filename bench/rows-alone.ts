import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { startPostgres } from 'embedded-aws/postgres'

import { symbolNames } from '../feed/symbols.ts'
import { indicatorRow } from '../functions/bar-writer/indicator-row.ts'
import { writeBars } from '../functions/bar-writer/write-bars.ts'
import { writeIndicators } from '../functions/bar-writer/write-indicators.ts'
import { DEFAULT_INDICATORS } from '../functions/domain/indicators/table.ts'
import { readAnalysis } from '../functions/shared/runtime/analysis-fields.ts'
import { openDatabase } from '../functions/shared/postgres/database.ts'
import { minuteText } from '../functions/shared/runtime/minute-text.ts'
import { barRecordSchema, indicatorsRecordSchema } from '../functions/shared/streams/records.ts'
import { loginOf, migrate } from './migrated-postgres.ts'

const DAY = 86_400
const MINUTE = 60
/** Rows in a statement: about what a batch has. */
const BATCH = 1000

/**
 * The limit of the machine for whatever ends in the database: seconds that the rows of bars and of their indicators take,
 * records made before, by two connections at once, with nothing else to do.
 */
export async function secondsOfRows({
  symbols,
  minutes,
}: {
  readonly symbols: number
  readonly minutes: number
}): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'tickstock-bench-'))
  const postgres = await startPostgres({ folder, durability: 'none' })
  const as = loginOf(postgres)
  const options = { ssl: false, applicationName: 'bench' } as const
  const databases = [1, 2].map(() => openDatabase(async () => as('app_readwrite'), options))
  const [ofBars, ofSignals] = databases
  try {
    if (ofBars === undefined || ofSignals === undefined) throw new Error('there are two')
    await migrate(postgres, as)
    const { bars, indicators } = recordsOf(symbols, minutes)
    const started = performance.now()
    await Promise.all([
      inBatches(bars, (rows) => writeBars(ofBars, rows)),
      inBatches(indicators, (rows) => writeIndicators(ofSignals, rows)),
    ])
    return (performance.now() - started) / 1000
  } finally {
    await Promise.all(databases.map((database) => database.end()))
    await postgres.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function inBatches<Row>(
  rows: readonly Row[],
  write: (rows: readonly Row[]) => Promise<{ readonly written: readonly unknown[] }>,
): Promise<void> {
  for (let from = 0; from < rows.length; from += BATCH) {
    const batch = rows.slice(from, from + BATCH)
    const { written } = await write(batch)
    if (written.length !== batch.length)
      throw new Error(`${written.length} of ${batch.length} rows were written`)
  }
}

/** Of today, whose partition is there. */
function recordsOf(symbols: number, minutes: number) {
  const midnight = Math.floor(Date.now() / 1000 / DAY) * DAY
  const { outputs } = readAnalysis({ indicators: DEFAULT_INDICATORS, patterns: '', vwapAnchor: 'UTC 00:00' })
  const names = symbolNames(symbols)
  const keys = Array.from({ length: minutes }, (_, minute) =>
    names.map((symbol) => ({ symbol, timestamp: minuteText(midnight + minute * MINUTE), timeframe: '1Min' })),
  ).flat()
  const closedAt = midnight * 1000
  return {
    bars: keys.map((key, place) =>
      barRecordSchema.parse({
        ...key,
        type: 'bar',
        revision: 1,
        open: `${150 + (place % 7)}.25`,
        high: `${158 + (place % 7)}.5`,
        low: '149.75',
        close: '150.5',
        volume: String(12_345 + place),
        notional: '1856790.25',
        vwap: '150.41234567',
        trade_count: 16,
        complete: true,
        closed_at: closedAt,
      }),
    ),
    indicators: keys.map((key, place) =>
      indicatorRow(
        indicatorsRecordSchema.parse({
          ...key,
          type: 'indicators',
          revision: 1,
          calculated_at: closedAt,
          closed_at: closedAt,
          values: Object.fromEntries(outputs.map((name, index) => [name, 150 + Math.sin(place + index) * 3])),
        }),
      ),
    ),
  }
}
