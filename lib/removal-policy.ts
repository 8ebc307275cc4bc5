import { RemovalPolicy } from 'aws-cdk-lib'

import type { Config } from './config.ts'

/**
 * What becomes of data when the stack is deleted. What a failed deployment has made goes in any case: its fixed name would
 * be in the way of the next one.
 */
export function removalPolicyOf({ deletionProtection }: Config): RemovalPolicy {
  return deletionProtection === 'on' ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY
}
