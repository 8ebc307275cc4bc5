import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'

/** A record at its position; `arrivedAt` in Unix milliseconds. */
type LogEntry = {
  readonly position: number
  readonly partitionKey: string
  readonly arrivedAt: number
  readonly data: Uint8Array
}

/** How far a clock may fall behind before it counts as set back, rather than as one of several that differ. */
const SET_BACK_MS = 1000

/** The records of one shard: positions grow by one, and arrival times never fall unless the clock was set back. */
export type ShardLog = {
  /** The position that the next record gets. */
  next(): number
  append(record: {
    readonly partitionKey: string
    readonly arrivedAt: number
    readonly data: Uint8Array
  }): number
  /** Up to `limit` records and `maxBytes` of data (but always one, if there is one) after a position. */
  read(
    afterPosition: number,
    options: { readonly limit: number; readonly maxBytes: number },
  ): readonly LogEntry[]
  /** Records after a position that are still kept, and when the oldest of them arrived. */
  backlog(afterPosition: number): { readonly records: number; readonly oldestAt: number | undefined }
  /** When the oldest kept record arrived. */
  oldestArrival(): number | undefined
  /** The position of the first record that arrived at this time or later, wherever others stand; `next()` if there is none. */
  firstArrivedFrom(time: number): number
  /** Deletes the oldest records up to the first that arrived at this time or later, at most `limit`; returns how many. */
  trim(arrivedBefore: number, limit: number): number
  /** The next record arrives when the clock says, however far that is from the one before. */
  clockWasSet(): void
  /** Forgets what a rolled-back transaction had appended. */
  reload(): void
}

/** Creates the table that `openShardLog` works on. */
export function createShardLog(database: DatabaseSync, key: number): void {
  return database.exec(
    `create table records_${key} (
      position integer primary key, partition_key text not null, arrived_at integer not null, data blob not null
    ) strict`,
  )
}

/** Opens the log of the shard with this database key; `floor` is the lowest position it may hand out. */
export function openShardLog(
  database: DatabaseSync,
  key: number,
  options: { readonly floor: number },
): ShardLog {
  const table = `records_${key}`
  const insert = database.prepare(
    `insert into ${table} (position, partition_key, arrived_at, data) values (?, ?, ?, ?)`,
  )
  const after = database.prepare(`select * from ${table} where position > ? order by position limit ?`)
  const arrivalFrom = database.prepare(
    `select position, arrived_at from ${table} where position >= ? order by position limit 1`,
  )
  const newest = database.prepare(`select position, arrived_at from ${table} order by position desc limit 1`)
  const oldest = database.prepare(`select position, arrived_at from ${table} order by position limit ?`)
  // Arrivals fall where the clock was set back, so that a search by halves could pass some over.
  const arrivedFrom = database.prepare(
    `select position from ${table} where arrived_at >= ? order by position limit 1`,
  )
  const remove = database.prepare(`delete from ${table} where position < ?`)

  let next = options.floor
  let newestArrival = 0
  const reload = () => {
    const row = newest.get()
    next = row === undefined ? options.floor : Math.max(options.floor, integer(row, 'position') + 1)
    newestArrival = row === undefined ? 0 : integer(row, 'arrived_at')
  }
  reload()

  const firstFrom = (position: number) => {
    const row = arrivalFrom.get(position)
    return row && { position: integer(row, 'position'), arrivedAt: integer(row, 'arrived_at') }
  }

  return {
    next: () => next,
    append({ partitionKey, arrivedAt, data }) {
      // After a jump ahead and back, arrivals would otherwise stay in the future for as long as the jump was.
      newestArrival = newestArrival - arrivedAt > SET_BACK_MS ? arrivedAt : Math.max(newestArrival, arrivedAt)
      insert.run(next, partitionKey, newestArrival, data)
      return next++
    },
    read(afterPosition, { limit, maxBytes }) {
      const entries: LogEntry[] = []
      let bytes = 0
      for (const row of after.iterate(afterPosition, limit)) {
        const entry = toEntry(row)
        bytes += entry.data.byteLength
        if (entries.length > 0 && bytes > maxBytes) break
        entries.push(entry)
      }
      return entries
    },
    backlog(afterPosition) {
      const first = firstFrom(afterPosition + 1)
      return { records: first ? next - first.position : 0, oldestAt: first?.arrivedAt }
    },
    oldestArrival: () => firstFrom(0)?.arrivedAt,
    firstArrivedFrom(time) {
      const row = arrivedFrom.get(time)
      return row === undefined ? next : integer(row, 'position')
    },
    trim(arrivedBefore, limit) {
      let before: number | undefined
      for (const row of oldest.iterate(limit)) {
        if (integer(row, 'arrived_at') >= arrivedBefore) break
        before = integer(row, 'position') + 1
      }
      return before === undefined ? 0 : Number(remove.run(before).changes)
    },
    clockWasSet() {
      newestArrival = 0
    },
    reload,
  }
}

function toEntry(row: Record<string, SQLOutputValue>): LogEntry {
  const { partition_key: partitionKey, data } = row
  if (typeof partitionKey !== 'string' || !(data instanceof Uint8Array)) throw damaged('records', row)
  return { position: integer(row, 'position'), partitionKey, arrivedAt: integer(row, 'arrived_at'), data }
}

function integer(row: Record<string, SQLOutputValue>, column: string): number {
  const value = row[column]
  if (typeof value !== 'number') throw damaged(column, row)
  return value
}

function damaged(what: string, row: Record<string, SQLOutputValue>): Error {
  return new Error(
    `The stream store is damaged: unexpected ${what} in a row with the columns ${Object.keys(row).join(', ')}. ` +
      'Delete its folder to start anew.',
  )
}
