import * as z from 'zod'
import { resourceType } from '../../template/resource-type.ts'
import type { ResourceContext } from '../../template/resource-type.ts'
import type { S3Resources } from './bucket.ts'

export const s3BucketPolicy = resourceType({
  properties: z.strictObject({ Bucket: z.string(), PolicyDocument: z.record(z.string(), z.unknown()) }),
  create: ({ Bucket, PolicyDocument }, { api: { iam } }: ResourceContext<S3Resources>) => {
    iam.addResourcePolicy(`arn:aws:s3:::${Bucket}`, PolicyDocument)
    return { ref: Bucket, attributes: {} }
  },
})
