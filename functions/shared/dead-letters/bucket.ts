import {
  DeleteObjectCommand,
  GetObjectCommand,
  NoSuchKey,
  paginateListObjectsV2,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3'

import { concurrently } from '../runtime/concurrently.ts'
import { type DeadLetter, readDeadLetter, UnreadableLetterError } from './dead-letter.ts'

const AT_ONCE = 20

/** Where a redrive records what it is about to put; not a dead letter. */
export const JOURNAL = 'redrive/journal.json'

export type WrittenObject = { readonly key: string; readonly at: number }

/** Objects by key. */
export type Bucket = {
  keys(): Promise<string[]>
  /** As `keys`, with when each was written, Unix milliseconds. */
  list(): Promise<WrittenObject[]>
  /** Undefined when there is no such object. */
  read(key: string): Promise<string | undefined>
  write(key: string, body: string): Promise<void>
  delete(keys: readonly string[]): Promise<void>
}

export function openBucket(s3: S3Client, name: string): Bucket {
  const list = async (): Promise<WrittenObject[]> => {
    const objects: WrittenObject[] = []
    for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket: name }))
      for (const { Key: key, LastModified } of Contents)
        if (key !== undefined) objects.push({ key, at: LastModified?.getTime() ?? 0 })
    return objects
  }
  return {
    list,
    keys: async () => (await list()).map(({ key }) => key),
    read: async (key) => {
      try {
        const { Body } = await s3.send(new GetObjectCommand({ Bucket: name, Key: key }))
        return await Body?.transformToString()
      } catch (error) {
        if (error instanceof NoSuchKey) return undefined
        throw error
      }
    },
    write: async (key, body) => {
      await s3.send(new PutObjectCommand({ Bucket: name, Key: key, Body: body }))
    },
    delete: (keys) =>
      concurrently(keys, AT_ONCE, async (Key) => {
        await s3.send(new DeleteObjectCommand({ Bucket: name, Key }))
      }),
  }
}

/** The dead letters, oldest first, and the keys of unreadable objects with the reason. */
export async function readDeadLetters(
  bucket: Bucket,
  wanted: readonly string[] = [],
): Promise<{ readonly letters: readonly DeadLetter[]; readonly unreadable: ReadonlyMap<string, string> }> {
  const letters: DeadLetter[] = []
  const unreadable = new Map<string, string>()
  const keys = wanted.length > 0 ? wanted : (await bucket.keys()).filter((key) => key !== JOURNAL)
  await concurrently(keys, AT_ONCE, async (key) => {
    const body = await bucket.read(key)
    try {
      if (body !== undefined) letters.push(readDeadLetter(key, body))
      else if (wanted.length > 0) unreadable.set(key, 'there is no such object')
    } catch (error) {
      if (!(error instanceof UnreadableLetterError)) throw error
      unreadable.set(key, error.message)
    }
  })
  return { letters: letters.toSorted(byArrival), unreadable }
}

/** Some of the dead letters, those that were written last, and whether there are more. */
export async function newestDeadLetters(
  bucket: Bucket,
  limit: number,
): Promise<{
  readonly letters: readonly { readonly letter: DeadLetter; readonly at: number }[]
  readonly unreadable: readonly (WrittenObject & { readonly why: string })[]
  readonly more: boolean
}> {
  const objects = (await bucket.list()).filter(({ key }) => key !== JOURNAL).toSorted((a, b) => b.at - a.at)
  const newest = objects.slice(0, limit)
  if (newest.length === 0) return { letters: [], unreadable: [], more: false }
  const found = await readDeadLetters(
    bucket,
    newest.map(({ key }) => key),
  )
  const letters = new Map(found.letters.map((letter) => [letter.key, letter]))
  return {
    letters: newest.flatMap(({ key, at }) => {
      const letter = letters.get(key)
      return letter === undefined ? [] : [{ letter, at }]
    }),
    unreadable: newest.flatMap((object) => {
      const why = found.unreadable.get(object.key)
      return why === undefined ? [] : [{ ...object, why }]
    }),
    more: objects.length > newest.length,
  }
}

function byArrival(a: DeadLetter, b: DeadLetter): number {
  const [first = '', second = ''] = [a, b].map(({ records }) => records[0]?.arrivedAt ?? '')
  if (first !== second) return first < second ? -1 : 1
  return a.key < b.key ? -1 : 1
}
