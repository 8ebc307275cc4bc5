import { createHash, randomBytes } from 'node:crypto'
import { appendFileSync, existsSync, readdirSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startRuntime } from '../../index.ts'
import type { Runtime } from '../../index.ts'
import { assemblyOf, temporaryFolder } from '../../testing/helpers.ts'

const Bucket = 'store'
const MIB = 1024 * 1024
const template = { Resources: { Store: { Type: 'AWS::S3::Bucket', Properties: { BucketName: Bucket } } } }

const data = temporaryFolder({}, afterAll)
const assembly = assemblyOf(template, {}, afterAll)
let runtime: Runtime
let s3: S3Client

beforeAll(async () => {
  runtime = await startRuntime({ assembly, data })
  s3 = new S3Client({
    endpoint: runtime.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    forcePathStyle: true,
  })
})
afterAll(() => runtime.stop())

async function started(Key: string) {
  return await s3.send(
    new CreateMultipartUploadCommand({
      Bucket,
      Key,
      ContentType: 'text/csv',
      ContentDisposition: 'attachment',
    }),
  )
}

describe('an upload in parts', () => {
  test('is an object once it is completed, of the parts in their order, with its headers', async () => {
    const parts = [randomBytes(5 * MIB), randomBytes(6 * MIB), randomBytes(10)]
    const { UploadId } = await started('whole')
    const given = { Bucket, Key: 'whole', UploadId }
    const put = async (index: number, Body = parts[index]) => {
      const { ETag } = await s3.send(new UploadPartCommand({ ...given, PartNumber: index + 1, Body }))
      return { ETag, PartNumber: index + 1 }
    }
    // In any order, and one of them twice.
    const last = await put(2)
    await put(1, randomBytes(10))
    const Parts = [await put(0), await put(1), last]
    await expect(s3.send(new HeadObjectCommand({ Bucket, Key: 'whole' }))).rejects.toMatchObject({
      name: 'NotFound',
    })
    const done = await s3.send(new CompleteMultipartUploadCommand({ ...given, MultipartUpload: { Parts } }))
    const digests = parts.map((part) => createHash('md5').update(part).digest())
    const etag = createHash('md5').update(Buffer.concat(digests)).digest('hex')
    expect(done.ETag).toBe(`"${etag}-3"`)
    const got = await s3.send(new GetObjectCommand({ Bucket, Key: 'whole' }))
    expect(got).toMatchObject({ ETag: done.ETag, ContentType: 'text/csv', ContentDisposition: 'attachment' })
    const bytes = Buffer.from((await got.Body?.transformToByteArray()) ?? [])
    // A difference of megabytes is not printed.
    expect(bytes.equals(Buffer.concat(parts))).toBe(true)
    const range = await s3.send(
      new GetObjectCommand({ Bucket, Key: 'whole', Range: `bytes=${11 * MIB - 2}-${11 * MIB + 1}` }),
    )
    expect(Buffer.from((await range.Body?.transformToByteArray()) ?? [])).toEqual(
      Buffer.concat(parts).subarray(11 * MIB - 2, 11 * MIB + 2),
    )
    await expect(put(3)).rejects.toMatchObject({ name: 'NoSuchUpload' })
    expect(readdirSync(join(data, 's3/.uploads'))).toEqual([])
  })

  test('leaves nothing when it is aborted', async () => {
    const { UploadId } = await started('given-up')
    const given = { Bucket, Key: 'given-up', UploadId }
    await s3.send(new UploadPartCommand({ ...given, PartNumber: 1, Body: 'x' }))
    await s3.send(new AbortMultipartUploadCommand(given))
    await expect(s3.send(new AbortMultipartUploadCommand(given))).rejects.toMatchObject({
      name: 'NoSuchUpload',
    })
    expect(existsSync(join(data, 's3/.uploads', UploadId ?? '-'))).toBe(false)
  })

  test.each([
    ['NoSuchUpload', { UploadId: '../x' }, [1]],
    ['InvalidPart', {}, [3]],
    ['InvalidPartOrder', {}, [2, 1]],
    ['EntityTooSmall', {}, [1, 2]],
  ])('is refused as S3 does: %s', async (name, changed, numbers) => {
    const { UploadId } = await started('refused')
    const given = { Bucket, Key: 'refused', UploadId }
    const etags = new Map<number, string | undefined>()
    for (const PartNumber of [1, 2]) {
      const { ETag } = await s3.send(new UploadPartCommand({ ...given, PartNumber, Body: 'small' }))
      etags.set(PartNumber, ETag)
    }
    const Parts = numbers.map((PartNumber) => ({ PartNumber, ETag: etags.get(PartNumber) ?? '"none"' }))
    await expect(
      s3.send(new CompleteMultipartUploadCommand({ ...given, ...changed, MultipartUpload: { Parts } })),
    ).rejects.toMatchObject({ name })
  })
})

describe('an object of more than the memory is to hold', () => {
  const Key = 'large'
  const size = 2 * 1024 * MIB + 5
  const url = () => `${runtime.endpoint}/${Bucket}/${Key}`

  beforeAll(async () => {
    await s3.send(new PutObjectCommand({ Bucket, Key, Body: 'small' }))
    // A file with a hole, which takes no space.
    truncateSync(join(data, 's3', Bucket, 'objects', Key), size - 3)
    appendFileSync(join(data, 's3', Bucket, 'objects', Key), 'end')
  })

  test('is answered from its beginning, and no more of it is read when the client goes', async () => {
    const held = process.memoryUsage().arrayBuffers
    const over = new AbortController()
    const answer = await fetch(url(), { signal: over.signal })
    expect([answer.status, answer.headers.get('content-length')]).toEqual([200, String(size)])
    const reader = answer.body?.getReader()
    const first = await reader?.read()
    expect(
      Buffer.from(first?.value ?? [])
        .subarray(0, 5)
        .toString(),
    ).toBe('small')
    over.abort()
    expect(process.memoryUsage().arrayBuffers - held).toBeLessThan(256 * MIB)
  })

  test('is answered to its end from a place in it, over pieces', async () => {
    const from = size - 20 * MIB
    const answer = await fetch(url(), { headers: { range: `bytes=${from}-` } })
    expect([answer.status, answer.headers.get('content-range')]).toEqual([
      206,
      `bytes ${from}-${size - 1}/${size}`,
    ])
    const bytes = Buffer.from(await answer.arrayBuffer())
    expect([bytes.length, bytes.subarray(-4).toString()]).toEqual([20 * MIB, '\0end'])
  })
})

test('a request that was signed by its query is answered until it expires', async () => {
  const { UploadId } = await started('linked')
  const { ETag } = await s3.send(
    new UploadPartCommand({ Bucket, Key: 'linked', UploadId, PartNumber: 1, Body: 'text' }),
  )
  const Parts = [{ ETag, PartNumber: 1 }]
  await s3.send(
    new CompleteMultipartUploadCommand({ Bucket, Key: 'linked', UploadId, MultipartUpload: { Parts } }),
  )
  const ask = async (signedAt: number) => {
    const date = new Date(signedAt).toISOString().replaceAll(/[-:]|\.\d+/g, '')
    const query = `X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=${date}&X-Amz-Expires=60&X-Amz-Signature=0`
    const answer = await fetch(`${runtime.endpoint}/${Bucket}/linked?${query}`)
    return [answer.status, await answer.text()]
  }
  expect(await ask(Date.now())).toEqual([200, 'text'])
  expect(await ask(Date.now() - 120_000)).toEqual([403, expect.stringContaining('Request has expired')])
})
