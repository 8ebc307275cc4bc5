import * as z from 'zod'
import { inertProperties, physicalName, resourceType } from './resource-type.ts'

export const s3Bucket = resourceType({
  properties: z.strictObject({
    BucketName: z
      .string()
      .regex(
        /^[a-z\d][a-z\d.-]{1,61}[a-z\d]$/,
        'a bucket name has 3 to 63 lower-case letters, digits, dots, hyphens',
      )
      .optional(),
    // Nothing expires here, and only the latest version of an object is kept.
    ...inertProperties(
      'AccessControl',
      'BucketEncryption',
      'CorsConfiguration',
      'LifecycleConfiguration',
      'LoggingConfiguration',
      'MetricsConfigurations',
      'OwnershipControls',
      'PublicAccessBlockConfiguration',
      'Tags',
      'VersioningConfiguration',
    ),
  }),
  create: async (properties, context) => {
    const name = properties.BucketName ?? physicalName(context, 63).toLowerCase()
    await context.services.buckets.createBucket(name)
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
