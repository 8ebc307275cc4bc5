import { createHash } from 'node:crypto'

import type { ExportBucket } from '../../../../functions/rebuilder/export/export-bucket.ts'

/** A bucket of exports in memory, and its objects. */
export type MemoryBucket = ExportBucket & {
  readonly objects: ReadonlyMap<string, Buffer>
  /** As S3 does with an upload some days after it began. */
  abortUploads(): void
}

export function createMemoryBucket(): MemoryBucket {
  const objects = new Map<string, Buffer>()
  const uploads = new Map<string, Map<number, Buffer>>()
  const etagOf = (bytes: Buffer) => `"${createHash('md5').update(bytes).digest('hex')}"`
  return {
    objects,
    abortUploads: () => uploads.clear(),
    read: async (key) => objects.get(key),
    write: async (key, bytes) => void objects.set(key, Buffer.from(bytes)),
    has: async (key) => objects.has(key),
    begin: async (key) => {
      const id = `${key}#${uploads.size}`
      uploads.set(id, new Map())
      return id
    },
    putPart: async ({ uploadId }, { number, bytes }) => {
      const part = Buffer.from(bytes)
      const etag = etagOf(part)
      return uploads.get(uploadId)?.set(number, part) === undefined ? 'gone' : { etag }
    },
    complete: async ({ key, uploadId }, parts) => {
      const given = uploads.get(uploadId)
      if (given === undefined) return 'gone'
      const content = parts.map(({ etag }, index) => {
        const part = given.get(index + 1)
        if (part === undefined || etagOf(part) !== etag)
          throw new Error(`there is no part ${index + 1} of ${etag}`)
        return part
      })
      objects.set(key, Buffer.concat(content))
      uploads.delete(uploadId)
      return 'completed'
    },
  }
}
