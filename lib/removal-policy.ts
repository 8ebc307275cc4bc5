import { RemovalPolicy } from 'aws-cdk-lib'

import type { Config } from './config.ts'

/** What becomes of data when the stack is deleted. */
export function removalPolicyOf({ deletionProtection }: Config): RemovalPolicy {
  return deletionProtection === 'on' ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY
}
