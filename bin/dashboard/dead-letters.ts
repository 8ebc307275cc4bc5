import { JOURNAL, newestDeadLetters, readDeadLetters } from '../stage/dead-letters/bucket.ts'
import { contentOf, type DeadLetter } from '../stage/dead-letters/dead-letter.ts'
import { redrive } from '../stage/dead-letters/redrive.ts'
import { type Answer, problem, RefusedError } from './answer.ts'
import type { Backend } from './backend.ts'

/** An object of the dead-letter bucket as the dashboard shows it. */
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

const EXCERPT = 1000

type Listed = { readonly items: readonly ShownDeadLetter[]; readonly more: boolean }

/** The newest dead letters, the newest first. */
export async function listDeadLetters(backend: Backend, limit: number): Promise<Listed> {
  const { letters, unreadable, more } = await backend.withDeadLetters(({ bucket }) =>
    newestDeadLetters(bucket, limit),
  )
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
 * Puts the records of an object back on their stream, and deletes it.
 *
 * @throws RefusedError when there is no such object, it cannot be read, or some of it may have been applied
 */
export function redriveDeadLetter(backend: Backend, key: string): Promise<void> {
  return backend.withDeadLetters(async (parts) => {
    const { letters, unreadable } = await readDeadLetters(parts.bucket, [key])
    const why = unreadable.get(key)
    if (letters.length === 0) throw new RefusedError(notFound(key, why))
    const { left } = await redrive(parts, letters, 'leave')
    if (left.length > 0) throw new RefusedError(doubtful(key))
    backend.actions.record(`dead letter redriven: ${key}`)
  })
}

/**
 * Deletes an object.
 *
 * @throws RefusedError when there is no such object
 */
export function discardDeadLetter(backend: Backend, key: string): Promise<void> {
  return backend.withDeadLetters(async ({ bucket }) => {
    if (key === JOURNAL || (await bucket.read(key)) === undefined) throw new RefusedError(notFound(key))
    await bucket.delete([key])
    backend.actions.record(`dead letter discarded: ${key}`)
  })
}

function notFound(key: string, why = 'there is no such object'): Answer {
  return problem(404, 'no-dead-letter', {
    title: 'There is no such dead letter',
    detail: `${JSON.stringify(key)} is no dead letter: ${why}`,
  })
}

function doubtful(key: string): Answer {
  return problem(409, 'may-be-applied', {
    title: 'Some of it may have been applied',
    detail: `${key} is not redriven: some of its records may have been applied before their batch failed, and would count twice. If the bars lack them: npx tickstock dead-letters redrive ${key} --assume-unapplied`,
  })
}
