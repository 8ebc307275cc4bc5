import * as z from 'zod'
import { because, inertProperties, physicalName, resourceType } from '../../template/resource-type.ts'
import type { ResourceContext } from '../../template/resource-type.ts'
import type { Iam } from './iam.ts'

type Context = ResourceContext<Iam>

const document = z.record(z.string(), z.unknown())
const names = z.array(z.string()).default([])

export const iamRole = resourceType({
  properties: z.strictObject({
    RoleName: z.string().optional(),
    Path: z.string().default('/'),
    Policies: z.array(z.strictObject({ PolicyName: z.string(), PolicyDocument: document })).default([]),
    ManagedPolicyArns: names,
    PermissionsBoundary: z.string().optional(),
    ...inertProperties('every function gets its role', 'AssumeRolePolicyDocument', 'MaxSessionDuration'),
    ...inertProperties(because.naming, 'Description', 'Tags'),
  }),
  create: ({ RoleName, Path, Policies, ManagedPolicyArns, PermissionsBoundary }, context: Context) => {
    const name = RoleName ?? physicalName(context, 64)
    const arn = `arn:aws:iam::${context.accountId}:role${Path}${name}`
    context.api.principals.addRole(name, {
      arn,
      policies: Policies.map((each) => ({ name: each.PolicyName, document: each.PolicyDocument })),
      managed: ManagedPolicyArns,
      boundary: PermissionsBoundary,
    })
    return { ref: name, attributes: { Arn: arn, RoleId: name } }
  },
})

const attached = { Roles: names, ...inertProperties('there are no users and groups', 'Groups', 'Users') }

export const iamPolicy = resourceType({
  properties: z.strictObject({ PolicyName: z.string(), PolicyDocument: document, ...attached }),
  create: ({ PolicyName: name, PolicyDocument, Roles }, { api }: Context) => {
    for (const role of Roles) api.principals.attach(role, { name, document: PolicyDocument })
    api.forget()
    return { ref: name, attributes: {} }
  },
})

export const iamManagedPolicy = resourceType({
  properties: z.strictObject({
    ManagedPolicyName: z.string().optional(),
    Path: z.string().default('/'),
    PolicyDocument: document,
    ...attached,
    ...inertProperties(because.naming, 'Description', 'Tags'),
  }),
  create: ({ ManagedPolicyName, Path, PolicyDocument, Roles }, context: Context) => {
    const name = ManagedPolicyName ?? physicalName(context, 128)
    const arn = `arn:aws:iam::${context.accountId}:policy${Path}${name}`
    const { principals, forget } = context.api
    principals.addManagedPolicy(arn, PolicyDocument)
    for (const role of Roles) principals.attach(role, { name, document: PolicyDocument })
    forget()
    return { ref: arn, attributes: { PolicyArn: arn } }
  },
})
