import { createHash, randomUUID } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import * as z from 'zod'
import { codeOf } from '../../errors.ts'
import { ServiceError } from '../../http/json-service.ts'
import { keyOfPath, pathOfKey } from './s3-keys.ts'

const MetadataSchema = z.object({
  etag: z.string(),
  /** Headers that GetObject gives back as PutObject got them: content-type, x-amz-meta-* and the like. */
  headers: z.record(z.string(), z.string()),
})

/** What is known of an object without its content. */
export type ObjectSummary = z.infer<typeof MetadataSchema> & {
  readonly key: string
  readonly size: number
  readonly modifiedAt: Date
}

/** Buckets as folders: objects are plain files that a user can open. */
export type S3Store = {
  readonly createBucket: (name: string) => Promise<void>
  readonly hasBucket: (name: string) => boolean
  readonly buckets: () => readonly { readonly name: string; readonly createdAt: Date }[]
  readonly put: (
    bucket: string,
    key: string,
    object: { readonly content: Uint8Array; readonly headers?: Headers },
  ) => Promise<string>
  /** Makes an object of a file, which it takes away. */
  readonly adopt: (
    bucket: string,
    key: string,
    object: { readonly file: string; readonly etag: string; readonly headers: Headers },
  ) => Promise<void>
  /** Undefined if there is no such object. */
  readonly head: (bucket: string, key: string) => Promise<ObjectSummary | undefined>
  /** The bytes of a range: at once, or in pieces where they are many. Those of one version, whatever is put meanwhile. */
  readonly read: (bucket: string, key: string, range: ByteRange) => Promise<Buffer | AsyncIterable<Buffer>>
  readonly delete: (bucket: string, key: string) => Promise<void>
  /** Keys that start with `prefix`, in the order of their UTF-8 bytes. */
  readonly keys: (bucket: string, prefix: string) => Promise<readonly string[]>
}

/** The first byte and the last. */
type ByteRange = { readonly first: number; readonly last: number }

type Headers = Readonly<Record<string, string>>

/** Opens the buckets below `folder`. A write is complete and durable against a crash of the process when it returns. */
export function openS3Store(folder: string): S3Store {
  const created = new Map<string, Date>()
  const file = (bucket: string, tree: 'objects' | 'metadata', key: string): string => {
    if (!created.has(bucket))
      throw new ServiceError('NoSuchBucket', `There is no bucket ${bucket}.`, { status: 404 })
    if (key === '') throw new ServiceError('InvalidRequest', 'The key is empty.')
    if (Buffer.byteLength(key) > 1024)
      throw new ServiceError('KeyTooLongError', 'A key has at most 1024 bytes.')
    return join(folder, bucket, tree, ...pathOfKey(key))
  }
  const temporary = join(folder, '.incoming')
  const replace = async (target: string, content: Uint8Array | string): Promise<void> => {
    const next = join(temporary, randomUUID())
    await mkdir(temporary, { recursive: true })
    await mkdir(dirname(target), { recursive: true })
    await writeFile(next, content)
    await rename(next, target)
  }
  return {
    hasBucket: (name) => created.has(name),
    buckets: () => {
      const buckets = [...created].map(([name, createdAt]) => ({ name, createdAt }))
      return buckets.toSorted((left, right) => (left.name < right.name ? -1 : 1))
    },
    createBucket: async (name) => {
      const objects = join(folder, name, 'objects')
      await mkdir(objects, { recursive: true })
      created.set(name, (await stat(objects)).birthtime)
    },
    put: async (bucket, key, { content, headers = {} }) => {
      const target = file(bucket, 'objects', key)
      const etag = `"${createHash('md5').update(content).digest('hex')}"`
      await replace(file(bucket, 'metadata', key), JSON.stringify({ etag, headers }))
      await replace(target, content)
      return etag
    },
    adopt: async (bucket, key, { file: whole, etag, headers }) => {
      const target = file(bucket, 'objects', key)
      await replace(file(bucket, 'metadata', key), JSON.stringify({ etag, headers }))
      await mkdir(dirname(target), { recursive: true })
      await rename(whole, target)
    },
    head: async (bucket, key) => {
      const [status, metadata] = await Promise.all([
        absent(stat(file(bucket, 'objects', key))),
        absent(readFile(file(bucket, 'metadata', key), 'utf8')),
      ])
      if (status === undefined || metadata === undefined) return undefined
      return {
        key,
        size: status.size,
        modifiedAt: status.mtime,
        ...MetadataSchema.parse(JSON.parse(metadata)),
      }
    },
    read: (bucket, key, range) => readRange(file(bucket, 'objects', key), range),
    delete: async (bucket, key) => {
      await rm(file(bucket, 'objects', key), { force: true })
      await rm(file(bucket, 'metadata', key), { force: true })
    },
    keys: async (bucket, prefix) => {
      file(bucket, 'objects', 'any')
      const root = join(folder, bucket, 'objects')
      const found = (await filesBelow(root, [])).map(keyOfPath).filter((key) => key.startsWith(prefix))
      return found.toSorted((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right)))
    },
  }
}

/** So much of a file is held in memory. */
const PIECE_BYTES = 8 * 1024 * 1024

async function readRange(path: string, { first, last }: ByteRange): Promise<Buffer | AsyncIterable<Buffer>> {
  const file = await open(path)
  if (last - first >= PIECE_BYTES) return piecesOf(file, { first, last })
  try {
    return await readBytes(file, { first, last })
  } finally {
    await file.close()
  }
}

async function* piecesOf(
  file: FileHandle,
  { first, last }: ByteRange,
): AsyncGenerator<Buffer, void, undefined> {
  try {
    for (let at = first; at <= last; at += PIECE_BYTES)
      yield await readBytes(file, { first: at, last: Math.min(last, at + PIECE_BYTES - 1) })
  } finally {
    await file.close()
  }
}

async function readBytes(file: FileHandle, { first, last }: ByteRange): Promise<Buffer> {
  const bytes = Buffer.alloc(last - first + 1)
  const { bytesRead } = await file.read(bytes, 0, bytes.length, first)
  return bytes.subarray(0, bytesRead)
}

async function filesBelow(root: string, path: readonly string[]): Promise<readonly (readonly string[])[]> {
  const entries = (await absent(readdir(join(root, ...path), { withFileTypes: true }))) ?? []
  const below = await Promise.all(
    entries.map(async (entry) => {
      const here = path.concat(entry.name)
      return entry.isDirectory() ? await filesBelow(root, here) : [here]
    }),
  )
  return below.flat()
}

async function absent<Value>(found: Promise<Value>): Promise<Value | undefined> {
  try {
    return await found
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined
    throw error
  }
}
