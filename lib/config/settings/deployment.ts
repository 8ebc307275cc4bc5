import * as z from 'zod'

import { DEFAULT_PREFIX } from '../../../functions/shared/runtime/deployment-name.ts'
import { stageSchema } from '../stage.ts'
import { regionName, textOrTags } from '../field-types.ts'

const PREFIX =
  'allowed are up to 20 lower case letters and digits, beginning with a letter, with single hyphens in between'

/** What a deployment is called, where it runs, and whose it is. */
export const deploymentSettings = {
  /** Where the system runs. */
  stage: stageSchema,
  /**
   * AWS region; the stages `dev` and `prod` want one.
   * @default the environment variable AWS_REGION
   */
  region: regionName().optional(),
  /**
   * AWS: what every name begins with, before the stage. Each deployment of a stage in an account and region has its own.
   * @default tickstock
   */
  prefix: z
    .string()
    .max(20, PREFIX)
    .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, PREFIX)
    .default(DEFAULT_PREFIX),
  /**
   * AWS: tags of the stack and of all its resources, an object in `cdk.json` or `key=value,key=value`.
   * @default none
   */
  tags: textOrTags().default({}),
  /**
   * AWS: the permissions boundary of every role that the stack makes, the ARN of a policy.
   * @default none
   */
  permissionsBoundary: z
    .string()
    .regex(
      /^arn:aws[\w-]*:iam::(\d{12}|aws):policy\/[\w+=,.@/-]+$/,
      'allowed is the ARN of a policy, as arn:aws:iam::123456789012:policy/boundary',
    )
    .optional(),
}
