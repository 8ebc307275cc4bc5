import { Validations } from 'aws-cdk-lib'
import { Grant } from 'aws-cdk-lib/aws-iam'
import { type Bucket, CfnBucket } from 'aws-cdk-lib/aws-s3'

import type { PartFunction } from './part-function.ts'

/**
 * Lets a function act on objects of a bucket whose names end in anything.
 *
 * @param on.objects their names, with a star at the end
 * @param on.reason why the star is needed
 */
export function grantOnObjects(
  bucket: Bucket,
  grantee: PartFunction,
  on: { readonly objects: string; readonly actions: readonly string[]; readonly reason: string },
): void {
  const { objects, actions, reason } = on
  Grant.addToPrincipal({ grantee, actions: [...actions], resourceArns: [bucket.arnForObjects(objects)] })
  const resource = bucket.node.defaultChild
  if (!(resource instanceof CfnBucket)) return
  Validations.of(grantee.functionRole).acknowledge({
    id: `AwsSolutions-IAM5[Resource::<${bucket.stack.getLogicalId(resource)}.Arn>/${objects}]`,
    reason,
  })
}
