import {
  DeleteObjectCommand,
  GetObjectCommand,
  NoSuchKey,
  paginateListObjectsV2,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3'

import { concurrently } from '../../../functions/shared/runtime/concurrently.ts'
import { type DeadLetter, readDeadLetter, UnreadableLetterError } from './dead-letter.ts'

const AT_ONCE = 20

/** Where a redrive records what it is about to put; not a dead letter. */
export const JOURNAL = 'redrive/journal.json'

/** Objects by key. */
export type Bucket = {
  keys(): Promise<string[]>
  /** Undefined when there is no such object. */
  read(key: string): Promise<string | undefined>
  write(key: string, body: string): Promise<void>
  delete(keys: readonly string[]): Promise<void>
}

export function openBucket(s3: S3Client, name: string): Bucket {
  return {
    keys: async () => {
      const keys: string[] = []
      for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket: name }))
        keys.push(...Contents.flatMap(({ Key }) => Key ?? []))
      return keys
    },
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

function byArrival(a: DeadLetter, b: DeadLetter): number {
  const [first = '', second = ''] = [a, b].map(({ records }) => records[0]?.arrivedAt ?? '')
  if (first !== second) return first < second ? -1 : 1
  return a.key < b.key ? -1 : 1
}
