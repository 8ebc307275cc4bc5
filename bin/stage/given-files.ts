import { createHash } from 'node:crypto'
import { createReadStream, realpathSync, statSync } from 'node:fs'
import { pipeline } from 'node:stream/promises'

import type { ReadOptions } from '../../feed/files/read-trades.ts'
import { UsageError } from '../terminal/errors.ts'

/** A file that is to be read. */
export type GivenFile = {
  readonly file: string
  /** Its place among those given. */
  readonly index: number
  /** Changes with the content of the file and with how it is read. */
  readonly fingerprint: string
}

export type GivenOptions = {
  readonly read?: Omit<ReadOptions, 'onProgress'> | undefined
  /** Whether a file that is given alone has a fingerprint: to make one is to read it. @default always */
  readonly fingerprints?: 'always' | 'of several'
  /** A file whose content is that of one before it, and is not read again. */
  readonly onSame?: ((file: string, other: string) => void) | undefined
}

/**
 * The files that were given, without those of the same content.
 *
 * @throws UsageError where a file is given twice
 */
export async function* givenFiles(
  files: readonly string[],
  { read, onSame, fingerprints = 'always' }: GivenOptions,
): AsyncGenerator<GivenFile, void, undefined> {
  refuseGivenTwice(files)
  const seen = new Map<string, string>()
  for (const [index, file] of files.entries()) {
    const isAlone = fingerprints === 'of several' && files.length === 1
    const fingerprint = isAlone ? '' : await fingerprintOf(file, read)
    const same = seen.get(fingerprint)
    if (same !== undefined) {
      onSame?.(file, same)
      continue
    }
    seen.set(fingerprint, file)
    yield { file, index, fingerprint }
  }
}

/** The same file twice, under whatever names, is a mistake of whoever gave it. */
function refuseGivenTwice(files: readonly string[]): void {
  const seen = new Map<string, string>()
  for (const file of files) {
    const identity = identityOf(file)
    if (identity === undefined) continue
    const other = seen.get(identity)
    if (other !== undefined)
      throw new UsageError(
        other === file
          ? `${file} is given twice: give it once`
          : `${file} is the same file as ${other}: give it once`,
      )
    seen.set(identity, file)
  }
}

/** What a file is on its disk; undefined where it is not there. */
function identityOf(file: string): string | undefined {
  try {
    const { dev, ino } = statSync(realpathSync(file), { bigint: true })
    return `${dev}:${ino}`
  } catch {
    return undefined
  }
}

async function fingerprintOf(file: string, read: GivenOptions['read']): Promise<string> {
  const given = [read?.format, read?.symbol, read?.timezone, read?.columns && [...read.columns.names]]
  const hash = createHash('sha256')
  if (given.some((each) => each !== undefined)) hash.update(JSON.stringify(given))
  try {
    await pipeline(createReadStream(file), hash)
  } catch {
    // The reader that comes next reports what is wrong with the file.
    return `unreadable ${file}`
  }
  return hash.digest('hex').slice(0, 16)
}
