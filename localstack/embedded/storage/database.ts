import { accessSync, constants, existsSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { codeOf, DamagedError, messageOf, StartError } from '../errors.ts'
import { makeFolder } from './owner-only.ts'

const formatVersion = 1
const pageBytes = { large: 32_768, small: 4_096 }
const checkpointBytes = 1_048_576

/**
 * Opens the SQLite database of a folder, makes the folder when it is missing, and takes the database for
 * this process alone. What was committed survives a SIGKILL of the process, but a power cut may damage the file.
 * @throws StartError when another process holds the database or it cannot be written.
 * @throws DamagedError when it is damaged or was written in another format.
 */
export function openDatabase(
  folder: string,
  file: string,
  schema: string,
  {
    pages = 'large',
  }: {
    /** `large` for what is appended, `small` for what is written here and there. */
    readonly pages?: keyof typeof pageBytes
  } = {},
): DatabaseSync {
  const path = join(folder, file)
  let database: DatabaseSync | undefined
  try {
    makeFolder(folder)
    // SQLite would call it an I/O error.
    if (existsSync(path)) accessSync(path, constants.R_OK | constants.W_OK)
    database = new DatabaseSync(path)
    // Without fsync a commit takes microseconds and outlives the process, though not a power cut. Small
    // checkpoints (1 MiB) keep the pauses that they cause near a millisecond.
    database.exec(
      `pragma page_size = ${pageBytes[pages]}; pragma locking_mode = exclusive; pragma journal_mode = wal;
       pragma synchronous = off; pragma wal_autocheckpoint = ${checkpointBytes / pageBytes[pages]};
       pragma cache_size = -8000;`,
    )
    const version = database.prepare('pragma user_version').get()?.['user_version']
    if (version !== 0 && version !== formatVersion)
      throw new DamagedError(path, `has format ${String(version)}, and this version reads ${formatVersion}`)
    const opened = database
    // A file that is opened and no more stays as it is.
    if (version === formatVersion) return opened
    transaction(opened, () => {
      opened.exec(schema)
      opened.exec(`pragma user_version = ${formatVersion}`)
    })
    return opened
  } catch (error) {
    database?.close()
    throw unusable(path, error)
  }
}

/** Runs what reads a database for the first time; where that fails, the database is closed and its file is to blame. */
export function firstRead<Result>(database: DatabaseSync, read: () => Result): Result {
  try {
    return read()
  } catch (error) {
    const path = database.location() ?? 'the database'
    database.close()
    throw unusable(path, error)
  }
}

/** Primary result codes of SQLite (https://sqlite.org/rescode.html). */
const [PERM, BUSY, LOCKED, READONLY, IOERR, FULL, CANTOPEN] = [3, 5, 6, 8, 10, 13, 14]

/** What an error of SQLite says about the file at `path`. */
export function unusable(path: string, error: unknown): Error {
  if (error instanceof StartError) return error
  const code = error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : undefined
  const [reason, options] = [messageOf(error), { cause: error }]
  if (code === BUSY || code === LOCKED)
    return new StartError(
      `${path} cannot be opened (${reason}): another process is using it; stop that one, or choose another folder`,
      options,
    )
  if (
    /^(EACCES|EPERM|EROFS)$/.test(codeOf(error) ?? '') ||
    code === PERM ||
    code === READONLY ||
    code === CANTOPEN ||
    code === IOERR ||
    code === FULL
  )
    return new StartError(
      `${path} cannot be used (${reason}): it must be a file that this user may write; correct that, or choose another folder`,
      options,
    )
  return new DamagedError(path, `is damaged (${reason})`, options)
}

/** Runs `work` in one transaction: all of it is committed, or, when it throws, nothing. */
export function transaction<Result>(database: DatabaseSync, work: () => Result): Result {
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
