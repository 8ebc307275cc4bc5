/** Where the trades of the stream `ticks` lie in the bucket. */
export const ARCHIVE_PREFIX = 'ticks/'

const HOUR_SECONDS = 3600

/** Unix seconds of the start of the hour in which a time lies. */
export function hourOf(seconds: number): number {
  return seconds - (seconds % HOUR_SECONDS)
}

/** The folder of a day (Unix seconds of some moment in it): `ticks/date=2025-10-10/`. */
export function dayPrefix(seconds: number): string {
  return `${ARCHIVE_PREFIX}date=${new Date(seconds * 1000).toISOString().slice(0, 10)}/`
}

/** Unix seconds of the start of the hour whose trades an object has; undefined for a key that is none of the archive. */
export function hourOfKey(key: string): number | undefined {
  const [, date, hour] = /^ticks\/date=(\d{4}-\d\d-\d\d)\/hour=(\d\d)\//.exec(key) ?? []
  return date === undefined ? undefined : Date.parse(`${date}T${hour}:00:00Z`) / 1000
}

/** The folder of an hour (Unix seconds of its start): `ticks/date=2025-10-10/hour=14/`. */
export function hourPrefix(hour: number): string {
  return `${dayPrefix(hour)}hour=${new Date(hour * 1000).toISOString().slice(11, 13)}/`
}

/** Records of a shard that an object was made of. */
export type ArchivedSpan = {
  readonly shard: string
  /** Kinesis sequence numbers of the first and the last record. */
  readonly first: string
  readonly last: string
}

/** The key of the object with the trades of an hour of some records: made of them again, it is overwritten. */
export function archiveKey(hour: number, { shard, first, last }: ArchivedSpan): string {
  return `${hourPrefix(hour)}${shard}-${first}-${last}.parquet`
}

/** The records that an object was made of; undefined of one that was imported or merged from others. */
export function spanOfKey(key: string): ArchivedSpan | undefined {
  const [, shard, first, last] = /\/(shardId-\d+)-(\d+)-(\d+)\.parquet$/.exec(key) ?? []
  if (shard === undefined || first === undefined || last === undefined) return undefined
  return { shard, first, last }
}

/** What the shard of an imported trade begins with, and the name of its source. */
export const IMPORTED_SHARD = 'import'

/** Whether a row's shard is that of imported trades: their sequence numbers say which they are, and not their order. */
export function isImportedShard(shard: string): boolean {
  return shard.startsWith(IMPORTED_SHARD)
}

/** Where the objects of an hour lie that were made of imported files. */
export function importedPrefix(hour: number): string {
  return `${hourPrefix(hour)}${IMPORTED_SHARD}-`
}

/**
 * What the keys of objects begin with that may be merged into one, and the key of that one. Imported trades stay among
 * themselves, where the next import looks for them.
 */
export function mergedPrefix(key: string): string {
  const folder = key.slice(0, key.lastIndexOf('/') + 1)
  const kind = key.startsWith(`${folder}${IMPORTED_SHARD}-`) ? IMPORTED_SHARD : 'compacted'
  return `${folder}${kind}-`
}

/** The key of an object with imported trades of an hour. @param digest changes with the trades */
export function importedKey(hour: number, digest: string): string {
  return `${importedPrefix(hour)}${digest}.parquet`
}
