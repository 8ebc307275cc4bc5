import * as z from 'zod'
import { defineService } from '../../service.ts'
import { because, inertProperties, physicalName, resourceType } from '../../template/resource-type.ts'
import { withoutEffect } from '../../template/without-effect.ts'

const iamRole = resourceType({
  properties: z.strictObject({
    RoleName: z.string().optional(),
    ...inertProperties(
      because.access,
      'AssumeRolePolicyDocument',
      'Description',
      'ManagedPolicyArns',
      'MaxSessionDuration',
      'Path',
      'PermissionsBoundary',
      'Policies',
      'Tags',
    ),
  }),
  create: ({ RoleName }, context) => {
    const name = RoleName ?? physicalName(context, 64)
    return { ref: name, attributes: { Arn: `arn:aws:iam::${context.accountId}:role/${name}`, RoleId: name } }
  },
})

const iamPolicy = withoutEffect(because.access, ['PolicyDocument', 'Groups', 'Roles', 'Users'], {
  nameProperty: 'PolicyName',
})

/** IAM: roles and policies are accepted, and not enforced. */
export const iam = defineService({
  name: 'iam',
  resourceTypes: { 'AWS::IAM::Policy': iamPolicy, 'AWS::IAM::Role': iamRole },
  open: () => ({ api: undefined }),
})
