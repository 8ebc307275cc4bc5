import {
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3'

import { ARCHIVE_PREFIX } from '../archive/archive-key.ts'
import type { ArchiveBucket } from './compact.ts'

/** Objects that S3 deletes in one request. */
const DELETED_AT_ONCE = 1000

/** The archive in S3. */
export function createArchiveBucket(s3: S3Client, Bucket: string): ArchiveBucket {
  return {
    list: async function* list() {
      let ContinuationToken: string | undefined
      do {
        const { Contents = [], NextContinuationToken } = await s3.send(
          new ListObjectsV2Command({
            Bucket,
            Prefix: ARCHIVE_PREFIX,
            ...(ContinuationToken && { ContinuationToken }),
          }),
        )
        for (const { Key, Size, LastModified } of Contents)
          if (Key !== undefined)
            yield { key: Key, bytes: Size ?? 0, modifiedAt: LastModified?.getTime() ?? Infinity }
        ContinuationToken = NextContinuationToken
      } while (ContinuationToken !== undefined)
    },
    read: async (Key) => {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }))
      return (await Body?.transformToByteArray()) ?? new Uint8Array()
    },
    put: async (Key, Body) => {
      await s3.send(
        new PutObjectCommand({ Bucket, Key, Body, ContentType: 'application/vnd.apache.parquet' }),
      )
    },
    delete: async (keys) => {
      for (let from = 0; from < keys.length; from += DELETED_AT_ONCE) {
        const Objects = keys.slice(from, from + DELETED_AT_ONCE).map((Key) => ({ Key }))
        const { Errors = [] } = await s3.send(
          new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }),
        )
        const [error] = Errors
        if (error !== undefined)
          throw new Error(`${error.Key} was not deleted: ${error.Code} ${error.Message}`)
      }
    },
  }
}
