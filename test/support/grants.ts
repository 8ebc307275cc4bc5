import type { Template } from 'aws-cdk-lib/assertions'
import * as z from 'zod'

const list = z.union([z.string(), z.array(z.string())]).transform((value) => [value].flat())
const documentSchema = z.object({
  Statement: z.array(
    z.object({
      Effect: z.literal('Allow'),
      Action: list,
      Resource: z.unknown().transform((value) => [value].flat()),
    }),
  ),
})
const reference = z.object({ Ref: z.string() })
const policySchema = z.object({
  Properties: z.object({ PolicyDocument: documentSchema, Roles: z.array(reference) }),
})
const roleSchema = z.object({
  Properties: z.object({
    Policies: z.array(z.object({ PolicyDocument: documentSchema })).default([]),
    ManagedPolicyArns: z.array(z.unknown()).default([]),
  }),
})
const functionSchema = z.object({
  Properties: z.object({
    /** Functions of the CDK itself have none. */
    FunctionName: z.string().optional(),
    Role: z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.literal('Arn')]) }),
  }),
})

export type Grant = { readonly action: string; readonly on: string }

/** What each function of a template may do; the key is its name without the stage, or `CDK` and its logical id without the hash. */
export function grantsByFunction(template: Template): ReadonlyMap<string, readonly Grant[]> {
  const roles = template.findResources('AWS::IAM::Role')
  const policies = Object.values(template.findResources('AWS::IAM::Policy')).map(
    (policy) => policySchema.parse(policy).Properties,
  )
  return new Map(
    Object.entries(template.findResources('AWS::Lambda::Function')).map(([logicalId, resource]) => {
      const { FunctionName, Role } = functionSchema.parse(resource).Properties
      const [id] = Role['Fn::GetAtt']
      const { Policies, ManagedPolicyArns } = roleSchema.parse(roles[id]).Properties
      const attached = policies.filter(({ Roles }) => Roles.some(({ Ref }) => Ref === id))
      const grants = [...Policies, ...attached].flatMap(({ PolicyDocument }) =>
        PolicyDocument.Statement.flatMap(({ Action, Resource }) =>
          Action.flatMap((action) => Resource.map((on) => ({ action, on: nameOf(on) }))),
        ),
      )
      const managed = ManagedPolicyArns.map((arn) => ({ action: 'managed policy', on: nameOf(arn) }))
      const name = FunctionName?.replace(/^tickstock-[a-z]+-/, '') ?? `CDK ${logicalId.slice(0, 25)}`
      return [name, [...grants, ...managed]]
    }),
  )
}

/** The resources that an ARN is made from, by logical id without its hash, and the literal text after them. */
function nameOf(arn: unknown): string {
  if (typeof arn === 'string') return arn
  const text = JSON.stringify(arn)
  const references = [...text.matchAll(/"(?:Ref|Fn::GetAtt)":\[?"([^"]+)"/g)]
    .map(([, id = '']) => id.replace(/[0-9A-F]{8}$/, ''))
    .filter((id) => !id.startsWith('AWS::'))
  const [, end = ''] = /"([^"]*)"\]\]\}$/.exec(text) ?? []
  // A function that is named rather than referred to.
  const [, named = ''] = /:(function:[\w:-]+)"\]\]\}$/.exec(text) ?? []
  return references.join('+') + (end.startsWith('/') ? end : named)
}
