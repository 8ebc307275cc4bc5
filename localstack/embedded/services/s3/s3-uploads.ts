import { createHash, randomUUID } from 'node:crypto'
import { appendFile, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { codeOf } from '../../errors.ts'
import { ServiceError } from '../../http/json-service.ts'
import type { S3Store } from './s3-store.ts'

type Address = { readonly bucket: string; readonly key: string }

/** A part as the client lists it when the upload is completed. */
type ListedPart = { readonly number: number; readonly etag: string }

/** Uploads in parts: each is a folder with a file per part until it is completed or aborted. */
export type S3Uploads = {
  readonly create: (address: Address, headers: Readonly<Record<string, string>>) => Promise<string>
  readonly put: (upload: Upload, number: number, content: Uint8Array) => Promise<string>
  /** Makes the object of the listed parts; returns its ETag. */
  readonly complete: (upload: Upload, parts: readonly ListedPart[]) => Promise<string>
  readonly abort: (upload: Upload) => Promise<void>
}

type Upload = Address & { readonly id: string }

const aboutSchema = z.object({
  bucket: z.string(),
  key: z.string(),
  headers: z.record(z.string(), z.string()),
})

/** S3's limits: https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
const MOST_PARTS = 10_000
const LEAST_BYTES = 5 * 1024 * 1024

/** Uploads below `folder`, whose objects go to `store`. */
export function openS3Uploads(folder: string, store: S3Store): S3Uploads {
  const open = async ({ id, bucket, key }: Upload): Promise<z.infer<typeof aboutSchema> & { at: string }> => {
    const at = join(folder, id)
    const text = /^[\da-f-]{36}$/.test(id)
      ? await absent(readFile(join(at, 'upload.json'), 'utf8'))
      : undefined
    const about = text === undefined ? undefined : aboutSchema.parse(JSON.parse(text))
    if (about === undefined || about.bucket !== bucket || about.key !== key)
      throw new ServiceError('NoSuchUpload', `There is no upload ${id} of ${key}.`, { status: 404 })
    return { ...about, at }
  }
  return {
    create: async (address, headers) => {
      const id = randomUUID()
      await mkdir(join(folder, id), { recursive: true })
      await writeFile(join(folder, id, 'upload.json'), JSON.stringify({ ...address, headers }))
      return id
    },
    put: async (upload, number, content) => {
      const { at } = await open(upload)
      if (!(number >= 1 && number <= MOST_PARTS))
        throw new ServiceError('InvalidArgument', `Part numbers are 1 to ${MOST_PARTS}, not ${number}.`)
      const next = join(at, randomUUID())
      await writeFile(next, content)
      await rename(next, join(at, String(number)))
      return etagOf(content)
    },
    complete: async (upload, parts) => {
      const { at, bucket, key, headers } = await open(upload)
      if (parts.length === 0) throw new ServiceError('MalformedXML', 'The upload lists no part.')
      const unordered = parts.find(({ number }, index) => number <= (parts[index - 1]?.number ?? 0))
      if (unordered !== undefined)
        throw new ServiceError('InvalidPartOrder', `Part ${unordered.number} is not behind the one before.`)
      const whole = join(at, `whole-${randomUUID()}`)
      const digests = createHash('md5')
      for (const [index, { number, etag }] of parts.entries()) {
        const content = await absent(readFile(join(at, String(number))))
        if (content === undefined || etagOf(content) !== etag)
          throw new ServiceError('InvalidPart', `There is no part ${number} with the ETag ${etag}.`)
        if (content.length < LEAST_BYTES && index < parts.length - 1)
          throw new ServiceError(
            'EntityTooSmall',
            `Part ${number} has ${content.length} bytes, less than 5 MiB.`,
          )
        digests.update(Buffer.from(etag.slice(1, -1), 'hex'))
        await appendFile(whole, content)
      }
      const etag = `"${digests.digest('hex')}-${parts.length}"`
      await store.adopt(bucket, key, { file: whole, etag, headers })
      await rm(at, { recursive: true, force: true })
      return etag
    },
    abort: async (upload) => {
      const { at } = await open(upload)
      await rm(at, { recursive: true, force: true })
    },
  }
}

function etagOf(content: Uint8Array): string {
  return `"${createHash('md5').update(content).digest('hex')}"`
}

async function absent<Value>(found: Promise<Value>): Promise<Value | undefined> {
  try {
    return await found
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}
