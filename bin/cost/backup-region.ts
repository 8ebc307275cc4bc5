import { PRICES } from '../../functions/shared/cost/prices.ts'
import { MONTH_HOURS } from '../../functions/shared/cost/standing.ts'
import type { Config } from '../../lib/config/config.ts'
import type { Load, Usage } from './usage.ts'

/** Of a symbol, in all tables, with the state that the default indicators have. */
const STATE_BYTES = 2200
/** Bytes of the log of transactions for one of a row and its indices: pages are in it whole after each checkpoint. */
const LOG_BYTES = 2
const MONTH_DAYS = MONTH_HOURS / 24

export type Copied = {
  readonly load: Load
  readonly usage: Usage
  /** Of the database; undefined where it is somebody else's. */
  readonly database: { readonly gib: number; readonly dailyGib: number } | undefined
  /** What a month's storage of the archive costs in the region of the deployment. */
  readonly archiveStorage: number
}

/** Dollars per month for copies in another region, beside the key there: their storage, the way there, and hourly backups of tables. */
export function backupRegionCost(config: Config, { load, usage, database, archiveStorage }: Copied): number {
  const { databaseGbMonth, tableGbMonth, transferGb } = PRICES.backup
  const monthSeconds = MONTH_HOURS * 3600
  const archive =
    archiveStorage +
    ((usage.archiveObjects * monthSeconds) / 1e6) * PRICES.s3.millionPuts +
    ((usage.archiveBytes * monthSeconds) / 1e9) * transferGb
  const hourlyGb = (load.symbols * STATE_BYTES) / 1e9
  // Those of a day are kept here too.
  const tables = hourlyGb * (24 * (config.backupDays + 1) * tableGbMonth + 24 * MONTH_DAYS * transferGb)
  const { gib, dailyGib } = database ?? { gib: 0, dailyGib: 0 }
  return archive + tables + gib * databaseGbMonth + dailyGib * MONTH_DAYS * LOG_BYTES * transferGb
}
