import type { Access, Enforcement, PolicyDocument } from '../../access.ts'
import type { HttpResponse } from '../../http/message.ts'
import type { Guard } from '../../service.ts'
import { createAccessControl } from './access-control.ts'
import { awsManagedPolicies } from './managed-policies.ts'
import { Principals, servicePrincipal } from './principals.ts'

/** What other services and resources need of IAM. While policies are not enforced, everything is allowed. */
export type Iam = {
  readonly principals: Principals
  /** Variables with which a function calls in its role; none while policies are not enforced. */
  readonly credentialsOf: (
    roleArn: string | undefined,
    functionName: string,
  ) => Readonly<Record<string, string>>
  /** Undefined if a function may, in its role; else what AWS says. A function of no stack has no role, and may. */
  readonly refusalOfFunction: (
    called: { readonly name: string; readonly roleArn?: string | undefined },
    accesses: readonly Access[],
  ) => Promise<string | undefined>
  /** Undefined if a service of AWS may invoke a function for the resource `sourceArn`; else what AWS says. */
  readonly refusalOfService: (
    service: string,
    access: Access & { readonly sourceArn: string },
  ) => Promise<string | undefined>
  readonly addResourcePolicy: (arn: string, document: PolicyDocument) => void
  readonly forget: () => void
  /** What is answered to a function in place of its request; undefined if it may. */
  readonly guard: Guard
}

export function createIam(accountId: string, enforcement: Enforcement | undefined): Iam {
  const { authorize, managedPolicies = {} } = enforcement ?? {}
  const principals = new Principals(accountId, { ...awsManagedPolicies, ...managedPolicies })
  const control = authorize && createAccessControl(authorize, accountId)
  return {
    principals,
    credentialsOf: (roleArn, functionName): Readonly<Record<string, string>> =>
      control === undefined
        ? {}
        : { AWS_ACCESS_KEY_ID: principals.keyFor(principals.session(roleArn ?? 'none', functionName)) },
    refusalOfFunction: async ({ name, roleArn }, accesses) =>
      roleArn === undefined ? undefined : await control?.refusal(principals.session(roleArn, name), accesses),
    refusalOfService: async (service, { sourceArn, ...access }) =>
      await control?.refusal(servicePrincipal(service), [
        { ...access, conditions: { 'aws:SourceArn': sourceArn, 'aws:SourceAccount': accountId } },
      ]),
    addResourcePolicy: (arn, document) => control?.addResourcePolicy(arn, document),
    forget: () => control?.forget(),
    guard: async (request, { accessKey, endpoint: { access } }) => {
      const session = principals.byKey(accessKey)
      if (session === undefined || control === undefined) return undefined
      if (access === undefined) return unknownAccess
      const message = await control.refusal(session, access.needed(request))
      return message === undefined ? undefined : access.deny(message)
    },
  }
}

/** Better than to let a function do what AWS may refuse. */
const unknownAccess: HttpResponse = {
  status: 501,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({
    message: 'The runtime does not know which permissions this service needs, and enforces them.',
  }),
}
