import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

const formatVersion = 1

/**
 * Opens the SQLite database of a folder, makes the folder when it is missing, and takes the database for
 * this process alone. What was committed survives a SIGKILL of the process, but a power cut may damage the file.
 * @throws Error when another process holds the database, or it was written in another format.
 */
export const openDatabase = (folder: string, file: string, schema: string): DatabaseSync => {
  mkdirSync(folder, { recursive: true })
  const path = join(folder, file)
  const database = new DatabaseSync(path)
  try {
    // Without fsync a commit takes microseconds and outlives the process, though not a power cut. Large
    // pages and small checkpoints (32 pages, 1 MiB) keep the pauses that checkpoints cause near a millisecond.
    database.exec(
      `pragma page_size = 32768; pragma locking_mode = exclusive; pragma journal_mode = wal;
       pragma synchronous = off; pragma wal_autocheckpoint = 32; pragma cache_size = -8000;`,
    )
    const version = database.prepare('pragma user_version').get()?.['user_version']
    if (version !== 0 && version !== formatVersion) {
      throw new Error(`it has format ${String(version)}, this program writes ${formatVersion}`)
    }
    transaction(database, () => {
      database.exec(schema)
      database.exec(`pragma user_version = ${formatVersion}`)
    })
    return database
  } catch (error) {
    database.close()
    const reason = error instanceof Error ? error.message : String(error)
    const hint = reason.includes('locked')
      ? 'another process is using it: stop that one, or choose another folder'
      : 'delete the folder to start anew, or choose another one'
    throw new Error(`Cannot open ${path}: ${reason}; ${hint}.`, { cause: error })
  }
}

/** Runs `work` in one transaction: all of it is committed, or, when it throws, nothing. */
export const transaction = <Result>(database: DatabaseSync, work: () => Result): Result => {
  database.exec('begin immediate')
  try {
    const result = work()
    database.exec('commit')
    return result
  } catch (error) {
    if (database.isTransaction) database.exec('rollback')
    throw error
  }
}
