import { firstRead, openDatabase } from '../../storage/database.ts'

/** Where consumers keep how far they have come; survives a SIGKILL of the process. */
export type Checkpoints = {
  get(consumer: string, shardId: string): string | undefined
  set(consumer: string, shardId: string, sequenceNumber: string): void
}

const schema = `
  create table if not exists checkpoints (
    consumer text not null, shard_id text not null, sequence_number text not null,
    primary key (consumer, shard_id)
  ) strict, without rowid;
`

/**
 * Opens the checkpoints in a folder; a checkpoint that was set survives a SIGKILL of the process.
 * @throws StartError when another process uses the folder, or the file cannot be used.
 */
export function openCheckpoints(folder: string): Checkpoints & { close(): void } {
  const database = openDatabase(folder, 'checkpoints.sqlite', schema)
  const { select, upsert } = firstRead(database, () => ({
    select: database.prepare('select sequence_number from checkpoints where consumer = ? and shard_id = ?'),
    upsert: database.prepare(
      `insert into checkpoints (consumer, shard_id, sequence_number) values (?, ?, ?)
       on conflict do update set sequence_number = excluded.sequence_number`,
    ),
  }))
  return {
    get(consumer, shardId) {
      const value = select.get(consumer, shardId)?.['sequence_number']
      return typeof value === 'string' ? value : undefined
    },
    set(consumer, shardId, sequenceNumber) {
      upsert.run(consumer, shardId, sequenceNumber)
    },
    close: () => database.close(),
  }
}
