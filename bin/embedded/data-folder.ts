import { accessSync, constants, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'

import { closeToOthers, LOCK_FILE, lockDataFolder, makeFolder, makeOwnerOnly, writeState } from 'embedded-aws'
import { codeOf, DamagedError, messageOf } from 'embedded-aws/errors'
import * as z from 'zod'

import { ownerHint } from '../owner.mjs'
import { RUNNING_FILE } from '../stage/running-deployment.ts'
import { UsageError } from '../terminal/errors.ts'

/** The folder in which `npm start` keeps its data. */
export type DataFolder = {
  readonly path: string
  /** Whether the process that had it before ended without removing its traces. */
  readonly wasKilled: boolean
  /** Deletes what TickStock keeps there, and nothing else; how many entries that were. */
  readonly clear: () => number
  /** Releases it for another process. */
  readonly release: () => void
}

/** Marks the folder as TickStock's, with the format of its data. */
const MARKER = 'tickstock-data.json'
const FORMAT = 2
const markerSchema = z.object({ format: z.int() })

/** What TickStock keeps in the folder, besides marker and lock. */
const OWN =
  /^(aws|postgres|owner-password|fed-until(\.new)?|fed-[a-z-]+\.json(\.new)?|running\.json(\.next)?|functions\.log(\.1)?|dashboard-actions\.jsonl)$/
/** What the folders `aws` and `postgres` of a data folder hold, and no other folders of these names. */
const INSIDE = {
  aws: /^(kinesis|dynamodb|checkpoints|s3|code|[a-z-]+\.json(\.next)?|runtime\.lock.*)$/,
  postgres: /^(data|data\.unfinished|superuser-password|initdb-password|owner|location)$/,
}
/** Root lends Postgres another user, which passes through the folder, and can read nothing in it. */
const OPEN_TO_POSTGRES = 0o711
/** What file systems put into an empty folder. */
const IGNORED = new Set(['lost+found', '.DS_Store'])

/**
 * Takes a folder for this process until it ends or releases it, and makes it if need be. From then on, only the owner
 * can read what the process writes.
 *
 * @throws UsageError when the folder holds something else, or cannot be used
 * @throws StartError when another process uses it
 * @throws DamagedError when it was made by a later version
 */
export function takeDataFolder(data: string): DataFolder {
  const path = resolve(data)
  refuseForeign(path)
  const endOwnerOnly = makeOwnerOnly()
  try {
    const { release, ...folder } = taken(path)
    return {
      ...folder,
      release: () => {
        release()
        endOwnerOnly()
      },
    }
  } catch (error) {
    endOwnerOnly()
    throw error
  }
}

function taken(path: string): DataFolder {
  try {
    makeFolder(path)
    accessSync(path, constants.W_OK | constants.X_OK)
    closeToOthers(path, process.getuid?.() === 0 ? OPEN_TO_POSTGRES : 0o700)
  } catch (error) {
    throw unusable(path, error)
  }
  const release = lockDataFolder(path)
  // Versions that knew no marker held this lock only.
  if (existsSync(join(path, 'aws'))) lockDataFolder(join(path, 'aws'))()
  const wasKilled = existsSync(join(path, RUNNING_FILE))
  rmSync(join(path, RUNNING_FILE), { force: true })
  if (formatOf(path) === undefined) writeState(join(path, MARKER), { format: FORMAT })
  return {
    path,
    wasKilled,
    clear: () => {
      const own = readdirSync(path).filter((name) => OWN.test(name))
      for (const name of own) rmSync(join(path, name), { recursive: true, force: true })
      return own.length
    },
    release,
  }
}

function refuseForeign(path: string): void {
  const names = entriesOf(path)
  const format = formatOf(path)
  if (format !== undefined) {
    if (format === FORMAT) return
    throw new DamagedError(path, `has format ${format}, and this version reads ${FORMAT}`)
  }
  const foreign = names.find((name) => !isOwn(path, name))
  if (foreign === undefined) return
  throw new UsageError(
    `${path} is not a data folder of TickStock, and it is not empty (it holds "${foreign}"): give another with --data, or empty it yourself`,
  )
}

/** As in a folder that was made before there was a marker. */
function isOwn(path: string, name: string): boolean {
  if (name === 'aws' || name === 'postgres')
    return entriesOf(join(path, name)).every((inside) => INSIDE[name].test(inside))
  return OWN.test(name) || name === MARKER || name.startsWith(LOCK_FILE)
}

function entriesOf(path: string): string[] {
  try {
    return existsSync(path) ? readdirSync(path).filter((name) => !IGNORED.has(name)) : []
  } catch (error) {
    throw unusable(path, error)
  }
}

/** The format that a marker names; undefined without a whole one. */
function formatOf(path: string): number | undefined {
  try {
    return markerSchema.parse(JSON.parse(readFileSync(join(path, MARKER), 'utf8'))).format
  } catch {
    return undefined
  }
}

function unusable(path: string, error: unknown): UsageError {
  const text =
    codeOf(error) === 'EACCES' && existsSync(path)
      ? `${ownerHint(path)}; or choose another data folder with --data`
      : `the data folder ${path} cannot be used (${messageOf(error)}): choose another with --data`
  return new UsageError(text, { cause: error })
}
