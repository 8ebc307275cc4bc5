import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { S3Client } from '@aws-sdk/client-s3'
import { startRuntime } from 'embedded-aws'
import { afterAll, describe, expect, it } from 'vitest'

import { createLinks, presign } from '../../../../functions/jobs/link-to-export.ts'
import {
  createExportBucket,
  type ExportBucket,
} from '../../../../functions/rebuilder/export/export-bucket.ts'
import { createMemoryBucket } from './memory-bucket.ts'

const folder = mkdtempSync(join(tmpdir(), 'tickstock-exports-'))
const FILES = {
  'manifest.json': {
    artifacts: { Small: { type: 'aws:cloudformation:stack', properties: { templateFile: 'template.json' } } },
  },
  'template.json': {
    Resources: { Exports: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'exports' } } },
  },
}
mkdirSync(join(folder, 'assembly'))
for (const [name, content] of Object.entries(FILES))
  writeFileSync(join(folder, 'assembly', name), JSON.stringify(content))
const runtime = await startRuntime({ assembly: join(folder, 'assembly'), data: join(folder, 'data') })
afterAll(async () => {
  await runtime.stop()
  rmSync(folder, { recursive: true })
})
const client = new S3Client({
  endpoint: runtime.endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
})

const LARGE = Buffer.alloc(5 * 1024 * 1024, 'a')

describe.each<[string, ExportBucket]>([
  ['in S3', createExportBucket(client, 'exports')],
  ['in memory', createMemoryBucket()],
])('a bucket of exports %s', (_where, bucket) => {
  it('gives the bytes that were written last', async () => {
    expect(await bucket.read('exports/1/progress')).toBeUndefined()
    await bucket.write('exports/1/progress', Buffer.from('{}'))
    await bucket.write('exports/1/progress', Buffer.from([0, 255, 10]))
    expect(await bucket.read('exports/1/progress')).toEqual(Buffer.from([0, 255, 10]))
  })

  it('has an object when its parts are completed, and then takes no more of them', async () => {
    const key = 'exports/2/bars.csv'
    const upload = { key, uploadId: await bucket.begin(key, 'text/csv') }
    await bucket.putPart(upload, { number: 1, bytes: Buffer.from('another') })
    const parts = [
      await bucket.putPart(upload, { number: 1, bytes: LARGE }),
      await bucket.putPart(upload, { number: 2, bytes: Buffer.from('b') }),
    ]
    const listed = parts.flatMap((part) => (part === 'gone' ? [] : [part]))
    expect(listed).toHaveLength(2)
    expect(await bucket.has(key)).toBe(false)
    expect(await bucket.complete(upload, listed)).toBe('completed')
    expect(await bucket.has(key)).toBe(true)
    expect((await bucket.read(key))?.equals(Buffer.concat([LARGE, Buffer.from('b')]))).toBe(true)
    expect(await bucket.putPart(upload, { number: 3, bytes: Buffer.from('c') })).toBe('gone')
    expect(await bucket.complete(upload, listed)).toBe('gone')
  })

  it('takes an object without bytes', async () => {
    const key = 'exports/3/bars.ndjson'
    const upload = { key, uploadId: await bucket.begin(key, 'application/x-ndjson') }
    const part = await bucket.putPart(upload, { number: 1, bytes: new Uint8Array() })
    expect(part === 'gone' || (await bucket.complete(upload, [part]))).toBe('completed')
    expect(await bucket.read(key)).toEqual(Buffer.alloc(0))
  })
})

describe('a link to an export', () => {
  it('gives the object under its name, and no more once it has expired', async () => {
    const bucket = createExportBucket(client, 'exports')
    const key = 'exports/4/bars.csv'
    const upload = { key, uploadId: await bucket.begin(key, 'text/csv') }
    const part = await bucket.putPart(upload, { number: 1, bytes: Buffer.from('symbol\n') })
    if (part !== 'gone') await bucket.complete(upload, [part])
    const { url, expires_at: expiresAt } = await createLinks(client, 'exports', Date.now)(key)
    const answer = await fetch(url)
    expect([answer.status, await answer.text()]).toEqual([200, 'symbol\n'])
    expect(answer.headers.get('content-type')).toBe('text/csv')
    expect(answer.headers.get('content-disposition')).toBe('attachment; filename="bars.csv"')
    expect(Date.parse(expiresAt) - Date.now()).toBeLessThanOrEqual(900_000)
    const old = await createLinks(client, 'exports', () => Date.now() - 901_000)(key)
    expect((await fetch(old.url)).status).toBe(403)
  })

  it('is signed as in the example of AWS', async () => {
    // https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
    const signing = {
      ...client.config,
      region: 'us-east-1',
      credentials: {
        accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
        secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
      },
    }
    const address = { protocol: 'https:', hostname: 'examplebucket.s3.amazonaws.com', path: '/test.txt' }
    const url = await presign(signing, address, {
      signedAt: new Date('2013-05-24T00:00:00Z'),
      seconds: 86_400,
    })
    expect(new URL(url).searchParams.get('X-Amz-Signature')).toBe(
      'aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404',
    )
  })
})
