import { join } from 'node:path'
import { defineService } from '../../service.ts'
import { iam } from '../iam/index.ts'
import { s3BucketPolicy } from './bucket-policy.ts'
import { s3Bucket } from './bucket.ts'
import type { S3Resources } from './bucket.ts'
import { openS3Store } from './s3-store.ts'
import { openS3Uploads } from './s3-uploads.ts'
import { s3Access, s3Api, s3Limits } from './s3.ts'

/** S3: its clients send bare paths, so that it takes what names no service. */
export const s3 = defineService<S3Resources>({
  name: 's3',
  resourceTypes: {
    'AWS::S3::Bucket': s3Bucket,
    'AWS::S3::BucketPolicy': s3BucketPolicy,
  },
  open: (context) => {
    const store = openS3Store(join(context.data, 's3'))
    const uploads = openS3Uploads(join(context.data, 's3', '.uploads'), store)
    return {
      api: { store, iam: iam.of(context) },
      endpoint: {
        ...s3Limits,
        handle: s3Api(store, uploads),
        signedAs: 's3',
        takesUnnamed: true,
        access: s3Access,
      },
      environment: (gateway) => ({ AWS_ENDPOINT_URL_S3: gateway }),
    }
  },
})
