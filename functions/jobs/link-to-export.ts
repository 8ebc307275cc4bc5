import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import { SignatureV4, type SignatureV4CryptoInit, type SignatureV4Init } from '@smithy/signature-v4'
import * as z from 'zod'

import type { Link } from './job-view.ts'

/** A download that has begun goes on; the credentials of a function may end earlier than a longer time. */
const LIFE_SECONDS = 900

/** The part of the config of a client of AWS that signs. */
type Signing = Pick<SignatureV4Init & SignatureV4CryptoInit, 'credentials' | 'region' | 'sha256'>

type Address = {
  readonly protocol: string
  readonly hostname: string
  readonly port?: number | undefined
  readonly path: string
}

/** Makes links to objects of a bucket, each for a quarter of an hour. Nothing is asked for it. */
export function createLinks(
  client: S3Client,
  bucket: string,
  now: () => number,
): (key: string) => Promise<Link> {
  return async (key) => {
    const at = now()
    const address = await addressOf(client, { bucket, key })
    return {
      url: await presign(client.config, address, { signedAt: new Date(at), seconds: LIFE_SECONDS }),
      expires_at: new Date(at + LIFE_SECONDS * 1000).toISOString(),
    }
  }
}

/**
 * The address of an object with a signature in its query, as S3 takes it.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
 */
export async function presign(
  { credentials, region, sha256 }: Signing,
  { protocol, hostname, port, path }: Address,
  { signedAt, seconds }: { readonly signedAt: Date; readonly seconds: number },
): Promise<string> {
  const signer = new SignatureV4({ credentials, region, sha256, service: 's3', uriEscapePath: false })
  const host = port === undefined ? hostname : `${hostname}:${port}`
  const digest = 'x-amz-content-sha256'
  const { query = {} } = await signer.presign(
    { method: 'GET', protocol, hostname, path, query: {}, headers: { host, [digest]: 'UNSIGNED-PAYLOAD' } },
    {
      expiresIn: seconds,
      signingDate: signedAt,
      unhoistableHeaders: new Set([digest]),
      unsignableHeaders: new Set([digest]),
    },
  )
  const text = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`)
  return `${protocol}//${host}${path}?${text.join('&')}`
}

/** Where the client would send a request for an object; none is sent. */
async function addressOf(
  client: S3Client,
  { bucket, key }: { readonly bucket: string; readonly key: string },
): Promise<Address> {
  const found = Promise.withResolvers<Address>()
  const command = new GetObjectCommand({ Bucket: bucket, Key: key })
  command.middlewareStack.add(
    () => async (given) => {
      found.resolve(addressSchema.parse(given.request))
      return { response: undefined, output: { $metadata: {} } }
    },
    { step: 'build', priority: 'low', name: 'take-address' },
  )
  await client.send(command)
  return await found.promise
}

const addressSchema = z.object({
  protocol: z.string(),
  hostname: z.string(),
  port: z.number().optional(),
  path: z.string(),
})
