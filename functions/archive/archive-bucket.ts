import {
  DeleteObjectsCommand,
  GetObjectCommand,
  paginateListObjectsV2,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3'

/** An object of the archive. */
export type ArchiveObject = {
  readonly key: string
  readonly bytes: number
  /** Unix milliseconds. */
  readonly modifiedAt: number
}

/** The bucket `archive`. */
export type ArchiveBucket = {
  /** The objects whose keys begin with a text. */
  readonly list: (prefix: string) => AsyncIterable<ArchiveObject>
  readonly read: (key: string) => Promise<Uint8Array>
  /** Puts an object; one of the same key is replaced. */
  readonly put: (key: string, bytes: Uint8Array) => Promise<void>
  readonly delete: (keys: readonly string[]) => Promise<void>
}

/** Objects that S3 deletes in one request. */
const DELETED_AT_ONCE = 1000

/** The archive in S3. */
export function createArchiveBucket(client: S3Client, Bucket: string): ArchiveBucket {
  return {
    list: async function* list(Prefix) {
      for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket, Prefix }))
        for (const { Key, Size, LastModified } of Contents)
          if (Key !== undefined)
            yield { key: Key, bytes: Size ?? 0, modifiedAt: LastModified?.getTime() ?? Infinity }
    },
    read: async (Key) => {
      const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }))
      return (await Body?.transformToByteArray()) ?? new Uint8Array()
    },
    put: async (Key, Body) => {
      await client.send(
        new PutObjectCommand({ Bucket, Key, Body, ContentType: 'application/vnd.apache.parquet' }),
      )
    },
    delete: async (keys) => {
      for (let from = 0; from < keys.length; from += DELETED_AT_ONCE) {
        const Objects = keys.slice(from, from + DELETED_AT_ONCE).map((Key) => ({ Key }))
        const { Errors = [] } = await client.send(
          new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }),
        )
        const [error] = Errors
        if (error !== undefined)
          throw new Error(`${error.Key} was not deleted: ${error.Code} ${error.Message}`)
      }
    },
  }
}
