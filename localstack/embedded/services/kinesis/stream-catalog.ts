import type { DatabaseSync } from 'node:sqlite'
import * as z from 'zod'
import type { HashRange } from './hash-key.ts'
import { shardIdOf } from './sequence-number.ts'
import { createShardLog, openShardLog, type ShardLog } from './shard-log.ts'

export type StreamMode = 'PROVISIONED' | 'ON_DEMAND'

export type CatalogStream = {
  readonly key: number
  readonly name: string
  /** Unix milliseconds. */
  readonly createdAt: number
  mode: StreamMode
  retentionHours: number
  /** What a template asked for last; undefined where none has. */
  declaredShards: number | undefined
  shards: readonly CatalogShard[]
}

export type CatalogShard = {
  readonly key: number
  readonly number: number
  readonly shardId: string
  readonly parentShardIds: readonly string[]
  readonly range: HashRange
  /** Every record of the shard is after this position. */
  readonly startPosition: number
  /** Unix milliseconds. */
  readonly createdAt: number
  /** Set when the shard was split or merged; every record is before `position`. */
  end: { readonly position: number; readonly at: number } | undefined
  readonly log: ShardLog
}

type NewShard = Pick<CatalogShard, 'parentShardIds' | 'range' | 'startPosition' | 'createdAt'>

/** The streams and shards as they lie in the database; each call is part of the caller's transaction. */
export type StreamCatalog = {
  load(): CatalogStream[]
  addStream(
    stream: Pick<CatalogStream, 'name' | 'createdAt' | 'mode' | 'retentionHours' | 'declaredShards'>,
  ): CatalogStream
  removeStream(stream: CatalogStream): void
  saveRetention(stream: CatalogStream, hours: number): void
  saveMode(stream: CatalogStream, mode: StreamMode): void
  saveDeclaredShards(stream: CatalogStream, count: number | undefined): void
  addShard(stream: CatalogStream, shard: NewShard): CatalogShard
  saveEnd(shard: CatalogShard, end: { readonly position: number; readonly at: number }): void
  /** Keeps the next position of a shard whose records are about to be trimmed. */
  saveFloor(shard: CatalogShard): void
  removeShard(shard: CatalogShard): void
}

export const catalogSchema = `
  create table if not exists streams (
    key integer primary key, name text not null unique, created_at integer not null, mode text not null,
    retention_hours integer not null, shards_made integer not null default 0
  ) strict;
  create table if not exists shards (
    key integer primary key autoincrement, stream_key integer not null references streams (key),
    number integer not null, parent_shard_ids text not null, range_start text not null, range_end text not null,
    start_position integer not null, floor integer not null, created_at integer not null,
    end_position integer, end_at integer
  ) strict;
  create table if not exists declarations (
    stream_key integer primary key references streams (key), shard_count integer not null
  ) strict;
`

const streamRow = z.object({
  key: z.int(),
  name: z.string(),
  created_at: z.int(),
  mode: z.enum(['PROVISIONED', 'ON_DEMAND']),
  retention_hours: z.int(),
  declared_shards: z.int().nullish(),
})

const shardRow = z.object({
  key: z.int(),
  number: z.int(),
  parent_shard_ids: z.string(),
  range_start: z.string(),
  range_end: z.string(),
  start_position: z.int(),
  floor: z.int(),
  created_at: z.int(),
  end_position: z.int().nullable(),
  end_at: z.int().nullable(),
})

const counted = z.object({ value: z.int() })

export function openStreamCatalog(database: DatabaseSync): StreamCatalog {
  const shardFrom = (row: z.infer<typeof shardRow>): CatalogShard => ({
    key: row.key,
    number: row.number,
    shardId: shardIdOf(row.number),
    parentShardIds: row.parent_shard_ids === '' ? [] : row.parent_shard_ids.split(','),
    range: { start: BigInt(row.range_start), end: BigInt(row.range_end) },
    startPosition: row.start_position,
    createdAt: row.created_at,
    end:
      row.end_position === null || row.end_at === null
        ? undefined
        : { position: row.end_position, at: row.end_at },
    log: openShardLog(database, row.key, { floor: row.floor }),
  })
  const removeShard = (shard: CatalogShard) => {
    database.exec(`drop table records_${shard.key}`)
    database.prepare('delete from shards where key = ?').run(shard.key)
  }
  const saveDeclaredShards = ({ key }: CatalogStream, count: number | undefined) => {
    database.prepare('delete from declarations where stream_key = ?').run(key)
    if (count !== undefined)
      database.prepare('insert into declarations (stream_key, shard_count) values (?, ?)').run(key, count)
  }

  return {
    load() {
      const shards = database.prepare('select * from shards where stream_key = ? order by number')
      return database
        .prepare(
          `select streams.*, shard_count as declared_shards
           from streams left join declarations on stream_key = streams.key order by name`,
        )
        .all()
        .map((row) => streamRow.parse(row))
        .map((row) =>
          streamFrom(
            row,
            shards.all(row.key).map((shard) => shardFrom(shardRow.parse(shard))),
          ),
        )
    },
    addStream({ name, createdAt, mode, retentionHours, declaredShards }) {
      const row = database
        .prepare(
          'insert into streams (name, created_at, mode, retention_hours) values (?, ?, ?, ?) returning *',
        )
        .get(name, createdAt, mode, retentionHours)
      const stream = streamFrom(streamRow.parse(row), [])
      saveDeclaredShards(stream, declaredShards)
      return { ...stream, declaredShards }
    },
    removeStream(stream) {
      for (const shard of stream.shards) removeShard(shard)
      saveDeclaredShards(stream, undefined)
      database.prepare('delete from streams where key = ?').run(stream.key)
    },
    saveRetention(stream, hours) {
      database.prepare('update streams set retention_hours = ? where key = ?').run(hours, stream.key)
    },
    saveMode(stream, mode) {
      database.prepare('update streams set mode = ? where key = ?').run(mode, stream.key)
    },
    saveDeclaredShards,
    addShard(stream, { parentShardIds, range, startPosition, createdAt }) {
      const made = database
        .prepare(
          'update streams set shards_made = shards_made + 1 where key = ? returning shards_made - 1 as value',
        )
        .get(stream.key)
      const row = database
        .prepare(
          `insert into shards (stream_key, number, parent_shard_ids, range_start, range_end, start_position,
             floor, created_at) values (?, ?, ?, ?, ?, ?, ?, ?) returning *`,
        )
        .get(
          stream.key,
          counted.parse(made).value,
          parentShardIds.join(','),
          String(range.start),
          String(range.end),
          startPosition,
          startPosition + 1,
          createdAt,
        )
      const parsed = shardRow.parse(row)
      createShardLog(database, parsed.key)
      return shardFrom(parsed)
    },
    saveEnd(shard, end) {
      database
        .prepare('update shards set end_position = ?, end_at = ? where key = ?')
        .run(end.position, end.at, shard.key)
    },
    saveFloor(shard) {
      database.prepare('update shards set floor = ? where key = ?').run(shard.log.next(), shard.key)
    },
    removeShard,
  }
}

function streamFrom(row: z.infer<typeof streamRow>, shards: readonly CatalogShard[]): CatalogStream {
  return {
    key: row.key,
    name: row.name,
    createdAt: row.created_at,
    mode: row.mode,
    retentionHours: row.retention_hours,
    declaredShards: row.declared_shards ?? undefined,
    shards,
  }
}
