import * as z from 'zod'
import { because, inert, inertProperties, physicalName, resourceType } from '../../template/resource-type.ts'
import type { ResourceContext } from '../../template/resource-type.ts'
import type { Iam } from '../iam/iam.ts'
import type { S3Store } from './s3-store.ts'

/** What buckets and their policies are created with. */
export type S3Resources = { readonly store: S3Store; readonly iam: Pick<Iam, 'addResourcePolicy'> }

export const s3Bucket = resourceType({
  properties: z.strictObject({
    BucketName: z
      .string()
      .regex(
        /^[a-z\d][a-z\d.-]{1,61}[a-z\d]$/,
        'a bucket name has 3 to 63 lower-case letters, digits, dots, hyphens',
      )
      .optional(),
    ...inertProperties(
      because.access,
      'AccessControl',
      'OwnershipControls',
      'PublicAccessBlockConfiguration',
    ),
    BucketEncryption: inert(because.encryption),
    LifecycleConfiguration: inert('objects stay until they are deleted'),
    ...inertProperties(because.watching, 'LoggingConfiguration', 'MetricsConfigurations'),
    Tags: inert(because.naming),
    VersioningConfiguration: inert('only the latest version is kept; a request for a version is rejected'),
  }),
  create: async (properties, context: ResourceContext<S3Resources>) => {
    const name = properties.BucketName ?? physicalName(context, 63).toLowerCase()
    await context.api.store.createBucket(name)
    return {
      ref: name,
      attributes: {
        Arn: `arn:aws:s3:::${name}`,
        DomainName: `${name}.s3.amazonaws.com`,
        RegionalDomainName: `${name}.s3.${context.region}.amazonaws.com`,
      },
    }
  },
})
