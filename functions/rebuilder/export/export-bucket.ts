import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  NoSuchKey,
  NoSuchUpload,
  NotFound,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'

/** A part that S3 has. */
type UploadedPart = { readonly etag: string; readonly crc32?: string | undefined }

/** An upload in parts. */
type Upload = { readonly key: string; readonly uploadId: string }

/** The bucket of exports, as far as an export uses it. */
export type ExportBucket = {
  /** A whole object; undefined when there is none. */
  readonly read: (key: string) => Promise<Buffer | undefined>
  readonly write: (key: string, bytes: Uint8Array) => Promise<void>
  readonly has: (key: string) => Promise<boolean>
  /** Begins an object of parts; it is there when it is completed. */
  readonly begin: (key: string, mediaType: string) => Promise<string>
  /** Puts a part, or replaces it; `gone` when the upload was completed or aborted. */
  readonly putPart: (
    upload: Upload,
    part: { readonly number: number; readonly bytes: Uint8Array },
  ) => Promise<UploadedPart | 'gone'>
  readonly complete: (upload: Upload, parts: readonly UploadedPart[]) => Promise<'completed' | 'gone'>
}

export function createExportBucket(client: S3Client, Bucket: string): ExportBucket {
  return {
    read: (Key) =>
      orUndefined(async () => {
        const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }))
        return Buffer.from((await Body?.transformToByteArray()) ?? [])
      }),
    write: async (Key, Body) => {
      await client.send(new PutObjectCommand({ Bucket, Key, Body }))
    },
    has: async (Key) =>
      (await orUndefined(() => client.send(new HeadObjectCommand({ Bucket, Key })))) !== undefined,
    begin: async (Key, ContentType) => {
      const ContentDisposition = `attachment; filename="${Key.slice(Key.lastIndexOf('/') + 1)}"`
      const { UploadId } = await client.send(
        new CreateMultipartUploadCommand({ Bucket, Key, ContentType, ContentDisposition }),
      )
      if (UploadId === undefined) throw new Error(`S3 gave the upload of ${Key} no id`)
      return UploadId
    },
    putPart: ({ key: Key, uploadId: UploadId }, { number: PartNumber, bytes: Body }) =>
      orGone(async () => {
        const { ETag = '', ChecksumCRC32 } = await client.send(
          new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body }),
        )
        return { etag: ETag, crc32: ChecksumCRC32 }
      }),
    complete: ({ key: Key, uploadId: UploadId }, parts) =>
      orGone(async () => {
        const Parts = parts.map(({ etag: ETag, crc32: ChecksumCRC32 }, index) => ({
          ETag,
          ChecksumCRC32,
          PartNumber: index + 1,
        }))
        await client.send(
          new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }),
        )
        return 'completed' as const
      }),
  }
}

async function orUndefined<Found>(find: () => Promise<Found>): Promise<Found | undefined> {
  try {
    return await find()
  } catch (error) {
    if (error instanceof NoSuchKey || error instanceof NotFound) return undefined
    throw error
  }
}

async function orGone<Result>(act: () => Promise<Result>): Promise<Result | 'gone'> {
  try {
    return await act()
  } catch (error) {
    // Not every operation of the SDK has the class.
    if (error instanceof NoSuchUpload || (error instanceof Error && error.name === 'NoSuchUpload'))
      return 'gone'
    throw error
  }
}
