import { expect } from 'vitest'

import { READ_SESSION } from '../../../../functions/api/read-session.ts'
import { exportBars, type ExportDeps } from '../../../../functions/rebuilder/export/export-bars.ts'
import type { ExportBucket } from '../../../../functions/rebuilder/export/export-bucket.ts'
import {
  type ExportFormat,
  type ExportTask,
  exportTaskSchema,
} from '../../../../functions/rebuilder/export/export-task.ts'
import { openDatabase } from '../../../../functions/shared/postgres/database.ts'
import { parseTradingHours } from '../../../../functions/shared/runtime/trading-hours.ts'
import { type ApiHarness, startApi } from '../../api/harness.ts'
import { bar } from '../../bar-writer/bars.ts'
import { createMemoryBucket } from './memory-bucket.ts'

export const SYMBOLS = ['=ES', 'AAPL', 'MSFT']
export const MINUTES = 150
/** Half past nine in New York. */
const START = Date.parse('2025-11-10T14:30:00Z')
/** Days that have a bar too, of months before. */
const DAYS = ['2025-06-03', '2025-07-01', '2025-09-30', '2025-10-31']
/** A span with all of them, in bars of a month. */
export const MONTHS = { from: '2025-06-01T00:00:00Z', to: '2025-11-11T00:00:00Z', timeframe: '1Month' }

export const timeOf = (minute: number): string =>
  new Date(START + minute * 60_000).toISOString().replace('.000', '')

/** A database with bars, and exports of them. */
export type ExportWorld = {
  readonly api: ApiHarness
  /** Unix milliseconds: what was written later is in no export. */
  readonly asof: number
  readonly taskOf: (format: ExportFormat, changed?: Record<string, unknown>) => ExportTask
  readonly depsOf: (bucket: ExportBucket) => ExportDeps
  /** The object that an export comes to. */
  readonly objectOf: (format: ExportFormat, changed?: Record<string, unknown>) => Promise<Buffer>
  readonly close: () => Promise<void>
}

/** Its bars were written just before the moment of exports, when whether a bar is filling is still open. */
export async function startExportWorld(): Promise<ExportWorld> {
  const tradingHours = parseTradingHours('{"NONE":"off","*":"XNYS"}')
  const api = await startApi({ tradingHours })
  const database = openDatabase(async () => api.server.credentials('app_readonly'), {
    ssl: false,
    applicationName: 'rebuilder',
    ...READ_SESSION,
  })
  await api.write(barsOf(1))
  const asof = Date.now()
  // What is known later is not in the export.
  await api.write(barsOf(2).filter((_, index) => index % 3 === 0))
  api.now = asof + 61_000
  const taskOf: ExportWorld['taskOf'] = (format, changed = {}) =>
    exportTaskSchema.parse({
      type: 'export',
      symbols: SYMBOLS,
      from: timeOf(0),
      to: timeOf(MINUTES),
      timeframe: '1Min',
      tz: 'UTC',
      format,
      numbers: 'number',
      asof,
      key: `exports/j/bars.${format}`,
      ...changed,
    })
  const depsOf: ExportWorld['depsOf'] = (bucket) => ({
    database,
    databaseNow: async () => asof + 61_000,
    now: () => asof + 61_000,
    wait: async () => expect.unreachable('nothing is to be waited for'),
    tradingHours,
    bucket,
    chunkRows: 40,
    partBytes: 3000,
  })
  return {
    api,
    asof,
    taskOf,
    depsOf,
    objectOf: async (format, changed) => {
      const bucket = createMemoryBucket()
      await exported(depsOf(bucket), taskOf(format, changed))
      return bucket.objects.get(`exports/j/bars.${format}`) ?? expect.unreachable('there is no object')
    },
    close: async () => {
      await database.end()
      await api.close()
    },
  }
}

function barsOf(revision: number) {
  const times = [
    ...DAYS.map((day) => `${day}T15:00:00Z`),
    ...Array.from({ length: MINUTES }, (_, minute) => timeOf(minute)),
  ]
  return SYMBOLS.flatMap((symbol, place) =>
    times.map((timestamp) =>
      bar({ symbol, timestamp, revision, close: `150.${25 + revision}`, volume: `${place + 1}.5` }),
    ),
  )
}

/** Calls until it is done, as the part `jobs` does; returns the sums of what the calls counted, and how many there were. */
export async function exported(deps: ExportDeps, task: ExportTask) {
  const sums = { bars: 0, bytes: 0, symbols: 0, calls: 0 }
  for (let { place } = task; ;) {
    const { place: next, ...counts } = await exportBars(deps, { ...task, place })
    sums.bars += counts.bars
    sums.bytes += counts.bytes
    sums.symbols += counts.symbols
    sums.calls++
    if (next === undefined) return sums
    place = next
  }
}

/** A clock that goes on each time somebody looks at it: with much, a call ends after its first page. */
export function ticking(deps: ExportDeps, milliseconds: number): ExportDeps {
  let now = deps.now()
  return { ...deps, now: () => (now += milliseconds) }
}
