import { RemovalPolicy } from 'aws-cdk-lib'

import type { Config } from './config/config.ts'

/**
 * Whether data is kept when the stack is deleted. What a failed deployment has created is deleted in any case: its fixed
 * name would block the next deployment.
 */
export function removalPolicyOf({ deletionProtection }: Config): RemovalPolicy {
  return deletionProtection === 'on' ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY
}
