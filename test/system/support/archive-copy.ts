import {
  GetObjectCommand,
  paginateListObjectsV2,
  PutObjectCommand,
  S3Client,
  type S3ClientConfig,
} from '@aws-sdk/client-s3'

import type { Deployment } from '../../../bin/embedded/deployment.ts'

export type ArchiveCopy = ReadonlyMap<string, Uint8Array>

const s3Of = ({ runtime }: Deployment) =>
  new S3Client({
    endpoint: runtime.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    forcePathStyle: true,
  } satisfies S3ClientConfig)
const archiveOf = ({ runtime }: Deployment): string => runtime.outputs['ArchiveBucket'] ?? ''

/** What `aws s3 sync` reads. */
export async function copyArchive(deployment: Deployment): Promise<ArchiveCopy> {
  const client = s3Of(deployment)
  const Bucket = archiveOf(deployment)
  const copy = new Map<string, Uint8Array>()
  for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket, Prefix: 'ticks/' }))
    for (const { Key = '' } of Contents) {
      const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }))
      if (Body !== undefined) copy.set(Key, await Body.transformToByteArray())
    }
  return copy
}

export async function putArchive(deployment: Deployment, copy: ArchiveCopy): Promise<void> {
  for (const [Key, Body] of copy)
    await s3Of(deployment).send(new PutObjectCommand({ Bucket: archiveOf(deployment), Key, Body }))
}
