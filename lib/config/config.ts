import { readInstanceClass } from '../../functions/shared/cost/instance-class.ts'
import type { Parsed } from './schema.ts'

/** The config of a deployment, with everything filled in; the files of `settings/` describe each key. */
export type Config = Omit<Parsed, 'maxRecordAgeHours'> & {
  readonly maxRecordAgeHours: number
}

/** Connections that a GiB of the database's memory carries: some MB each, beside what Postgres shares. */
const CONNECTIONS_PER_GIB = 80

/** False for one machine and for emulators, which have no network, no alarms and no database of their own. */
export function isOnAws({ stage }: Config): boolean {
  return stage !== 'local'
}

/** The database's limit of connections; each instance of a function holds one. */
export function connectionsOf({ databaseInstance }: Pick<Config, 'databaseInstance'>): number {
  return Math.min(200, readInstanceClass(databaseInstance).memoryGib * CONNECTIONS_PER_GIB)
}
