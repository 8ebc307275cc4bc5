import { join } from 'node:path'
import { defineService } from '../../service.ts'
import { because } from '../../template/resource-type.ts'
import { withoutEffect } from '../../template/without-effect.ts'
import { s3Bucket } from './bucket.ts'
import { openS3Store } from './s3-store.ts'
import { s3Api, s3Limits } from './s3.ts'

/** S3: its clients send bare paths, so that it takes what names no service. */
export const s3 = defineService({
  name: 's3',
  resourceTypes: {
    'AWS::S3::Bucket': s3Bucket,
    'AWS::S3::BucketPolicy': withoutEffect(because.access, ['PolicyDocument'], { nameProperty: 'Bucket' }),
  },
  open: ({ data }) => {
    const store = openS3Store(join(data, 's3'))
    return {
      api: store,
      endpoint: { ...s3Limits, handle: s3Api(store), signedAs: 's3', takesUnnamed: true },
      environment: (gateway) => ({ AWS_ENDPOINT_URL_S3: gateway }),
    }
  },
})
