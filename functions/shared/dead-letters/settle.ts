import { type Bucket, JOURNAL, newestDeadLetters, readDeadLetters } from './bucket.ts'
import { contentOf, type DeadLetter } from './dead-letter.ts'
import { redrive, type RedriveDeps } from './redrive.ts'

/** An object of the dead-letter bucket as it is shown. */
type ShownDeadLetter = {
  readonly key: string
  /** When it was dead-lettered, Unix milliseconds. */
  readonly at: number
  readonly stream: string
  /** Null where its records have several partition keys. */
  readonly symbol: string | null
  readonly reason: string
  readonly detail: string
  readonly records: number
  /** The beginning of its first record. */
  readonly text: string
}

type Listed = { readonly items: readonly ShownDeadLetter[]; readonly more: boolean }

const EXCERPT = 1000

/** There is no such dead letter, or it cannot be read. */
export class NoDeadLetterError extends Error {
  override readonly name = 'NoDeadLetterError'

  constructor(key: string, why = 'there is no such object') {
    super(`${JSON.stringify(key)} is no dead letter: ${why}`)
  }
}

/** Some of a dead letter may have been applied before its batch failed, and would count twice. */
export class MayBeAppliedError extends Error {
  override readonly name = 'MayBeAppliedError'

  constructor(key: string) {
    super(
      `${key} is not redriven: some of its records may have been applied before their batch failed, and would count twice. If the bars lack them: npx tickstock dead-letters redrive ${key} --assume-unapplied`,
    )
  }
}

/** The newest dead letters, the newest first. */
export async function listDeadLetters(bucket: Bucket, limit: number): Promise<Listed> {
  const { letters, unreadable, more } = await newestDeadLetters(bucket, limit)
  const items = [
    ...letters.map(({ letter, at }) => shown(letter, at)),
    ...unreadable.map(({ key, at, why }) => ({ ...NOTHING, key, at, detail: why })),
  ]
  return { items: items.toSorted((a, b) => b.at - a.at), more }
}

const NOTHING = { stream: '', symbol: null, reason: 'unreadable', records: 0, text: '' }

function shown({ key, stream, why, records }: DeadLetter, at: number): ShownDeadLetter {
  const symbols = new Set(records.map(({ partitionKey }) => partitionKey))
  const [symbol] = symbols
  const [first] = records
  const colon = why.indexOf(': ')
  return {
    key,
    at,
    stream,
    symbol: symbols.size === 1 && symbol !== undefined ? symbol : null,
    reason: why.slice(0, colon),
    detail: why.slice(colon + 2),
    records: records.length,
    text: first === undefined ? '' : contentOf(first).slice(0, EXCERPT),
  }
}

/**
 * Puts the records of an object back on their stream, and deletes it. One redrive at a time: two would share a journal.
 *
 * @throws NoDeadLetterError
 * @throws MayBeAppliedError
 */
export async function redriveDeadLetter(deps: RedriveDeps, key: string): Promise<void> {
  const { letters, unreadable } = await readDeadLetters(deps.bucket, [key])
  if (letters.length === 0) throw new NoDeadLetterError(key, unreadable.get(key))
  const { left } = await redrive(deps, letters, 'leave')
  if (left.length > 0) throw new MayBeAppliedError(key)
}

/**
 * Deletes an object.
 *
 * @throws NoDeadLetterError
 */
export async function discardDeadLetter(bucket: Bucket, key: string): Promise<void> {
  if (key === JOURNAL || (await bucket.read(key)) === undefined) throw new NoDeadLetterError(key)
  await bucket.delete([key])
}
