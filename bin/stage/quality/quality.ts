import { S3Client } from '@aws-sdk/client-s3'
import * as z from 'zod'

import { nameOf } from '../../../functions/shared/runtime/deployment-name.ts'
import { createArchiveBucket } from '../../../functions/archive/archive-bucket.ts'
import { qualityDaySchema } from '../../../functions/api/quality/quality-day.ts'
import { createArchivedHours } from '../../../functions/rebuilder/archived-hours.ts'
import { UsageError } from '../../terminal/errors.ts'
import { printText } from '../../terminal/print.ts'
import { count, openScreen } from '../../terminal/screen.ts'
import { table } from '../../terminal/table.ts'
import { clientOptions } from '../client-options.ts'
import { openBucket } from '../../../functions/shared/dead-letters/bucket.ts'
import { deployedEnvironment } from '../deployed-function.ts'
import type { DeployedStage } from '../find-deployment.ts'
import { type ArchivedDays, dayKey, readArchivedDays } from './archived-days.ts'
import { readFromApi } from './call-api.ts'
import { readRejectedDays } from './rejected-days.ts'

export type QualityOptions = {
  readonly symbols: readonly string[]
  /** Unix seconds of days; the last one is in the span. */
  readonly from?: number
  readonly to?: number
  readonly json?: boolean
  /** False leaves the archive unread. */
  readonly archive: boolean
}

const answerSchema = z.object({ days: z.array(qualityDaySchema) })
const DAY = 86_400

/** Of a symbol and day: what the database, the archive and the dead-letter bucket say. Null is what cannot be told. */
type QualityDay = z.infer<typeof qualityDaySchema> & {
  readonly archived_trades: number | null
  readonly missing_ids: number | null
  readonly rejected: Readonly<Record<string, number>>
}

/** Prints how good the data of some symbols is. */
export async function printQuality(deployed: DeployedStage, options: QualityOptions): Promise<number> {
  const rows = await readQuality(deployed, options)
  if (options.json === true) printText(`${JSON.stringify(rows, null, 2)}\n`)
  else printText(`${table(COLUMNS, rows.map(cellsOf))}${reasonsOf(rows)}`)
  return 0
}

async function readQuality(deployed: DeployedStage, options: QualityOptions): Promise<readonly QualityDay[]> {
  const { symbols, from, to, archive } = options
  const { days } = await readFromApi(
    deployed,
    {
      path: '/v1/quality',
      query: {
        symbols: symbols.join(','),
        ...(from !== undefined && { start: dayText(from) }),
        ...(to !== undefined && { end: dayText(to) }),
      },
    },
    answerSchema,
  )
  const starts = days.map(({ day }) => Date.parse(day) / 1000)
  if (starts.length === 0) return []
  const span = { symbols, from: Math.min(...starts), to: Math.max(...starts) + DAY }
  const archived = archive ? await readArchive(deployed, span) : undefined
  const rejected = await readRejected(deployed, span)
  return days.map((row) => {
    const key = dayKey(row.symbol, Date.parse(row.day) / 1000)
    const { trades = 0, missingIds = 0 } = archived?.get(key) ?? {}
    return {
      ...row,
      archived_trades: archived === undefined ? null : trades,
      missing_ids: archived === undefined ? null : missingIds,
      rejected: rejected.get(key) ?? {},
    }
  })
}

type Span = { readonly symbols: readonly string[]; readonly from: number; readonly to: number }

/** Undefined where the stage keeps no archive. */
async function readArchive(
  deployed: DeployedStage,
  { symbols, from, to }: Span,
): Promise<ArchivedDays | undefined> {
  const found = await deployedEnvironment('archiver', deployed).catch((error: unknown) => {
    if (error instanceof UsageError) return undefined
    throw error
  })
  const name = found?.['ARCHIVE_BUCKET']
  if (name === undefined) return undefined
  const hours = createArchivedHours(createArchiveBucket(s3Of(deployed), name))
  const screen = openScreen(process.stderr)
  const onHour = (hour: number) =>
    screen.status(`reading the archive: ${new Date(hour * 1000).toISOString().slice(0, 13)}:00`)
  const days = await readArchivedDays(hours, symbols, { from, to, onHour })
  screen.end()
  return days
}

async function readRejected(deployed: DeployedStage, span: Span) {
  const { DEAD_LETTER_BUCKET = '' } = await deployedEnvironment('aggregator', deployed)
  const bucket = openBucket(s3Of(deployed), DEAD_LETTER_BUCKET)
  return await readRejectedDays(bucket, `${nameOf(deployed)}-ticks`, span)
}

function s3Of({ environment }: DeployedStage): S3Client {
  const options = clientOptions('S3', environment)
  return new S3Client({ ...options, forcePathStyle: options.endpoint !== undefined })
}

const COLUMNS = [
  'symbol',
  'day',
  'bars',
  'expected',
  'trades',
  'archived',
  'missing ids',
  'rejected',
  'incomplete',
  'unknown',
  'corrected',
  'no trades',
  'lost',
  'not known',
  'longest silence',
]

function cellsOf(row: QualityDay): string[] {
  const { without_bar: without, longest_silence: silence } = row
  const rejected = Object.values(row.rejected).reduce((sum, each) => sum + each, 0)
  return [
    row.symbol,
    row.day,
    ...[
      row.bars,
      row.expected_bars,
      row.trades,
      row.archived_trades,
      row.missing_ids,
      rejected,
      row.incomplete_bars,
      row.unknown_bars,
      row.corrected_bars,
      without.no_trades,
      without.trades_lost,
      without.unknown,
    ].map((value) => (value === null ? '-' : count(value))),
    silence === null ? '-' : `${silence.minutes} min from ${silence.from.slice(11, 16)}`,
  ]
}

/** A line for each reason for which trades of a symbol and day were rejected. */
function reasonsOf(rows: readonly QualityDay[]): string {
  return rows
    .flatMap(({ symbol, day, rejected }) =>
      Object.entries(rejected).map(
        ([reason, times]) => `rejected: ${symbol} on ${day}: ${reason}, ${count(times)}\n`,
      ),
    )
    .join('')
}

function dayText(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 10)
}
