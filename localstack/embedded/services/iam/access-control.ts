import type { Access, AccessDecision, Authorize, PolicyDocument } from '../../access.ts'
import type { Principal } from './principals.ts'

/** Says whether principals may do what they ask for, by the policies of the stack. */
export type AccessControl = {
  /** Undefined if all of it is allowed; else what AWS tells whoever asked. */
  readonly refusal: (principal: Principal, accesses: readonly Access[]) => Promise<string | undefined>
  /** Adds statements to the policy of a resource: of a bucket, with what is in it, or of a function. */
  readonly addResourcePolicy: (arn: string, document: PolicyDocument) => void
  /** Policies have changed. */
  readonly forget: () => void
}

/** Decisions that are kept; the oldest makes room. */
const KEPT = 10_000

export function createAccessControl(authorize: Authorize, accountId: string): AccessControl {
  const resourcePolicies = new Map<string, readonly unknown[]>()
  const kept = new Map<string, Promise<AccessDecision>>()
  const judge = (principal: Principal, { action, resource, conditions = {} }: Access) =>
    authorize({
      principal: principal.name,
      accountId,
      action,
      resource,
      conditions,
      identityPolicies: principal.policies(),
      permissionsBoundary: principal.boundary(),
      resourcePolicy: resourcePolicyOf(resource, resourcePolicies),
    })
  const decide = (principal: Principal, access: Access): Promise<AccessDecision> => {
    const key = JSON.stringify([principal.name, access])
    const known = kept.get(key)
    if (known !== undefined) return known
    const decision = judge(principal, access)
    kept.set(key, decision)
    const [oldest] = kept.keys()
    if (kept.size > KEPT && oldest !== undefined) kept.delete(oldest)
    return decision
  }
  return {
    refusal: async (principal, accesses) => {
      for (const access of accesses) {
        const decision = await decide(principal, access)
        if (decision.type !== 'allowed') return messageOf(principal, access, decision)
      }
      return undefined
    },
    addResourcePolicy: (arn, document) => {
      const statements = [document['Statement'] ?? []].flat()
      resourcePolicies.set(arn, [...(resourcePolicies.get(arn) ?? []), ...statements])
      kept.clear()
    },
    forget: () => kept.clear(),
  }
}

function resourcePolicyOf(
  resource: string,
  policies: ReadonlyMap<string, readonly unknown[]>,
): PolicyDocument | undefined {
  // An object of a bucket has the bucket's policy.
  const [bucket = resource] = resource.startsWith('arn:aws:s3:::') ? resource.split('/') : [resource]
  const statements = policies.get(bucket)
  return statements && { Version: '2012-10-17', Statement: statements }
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html */
function messageOf(
  { name }: Principal,
  { action, resource }: Access,
  decision: Exclude<AccessDecision, { type: 'allowed' }>,
): string {
  const article = /^[aeiou]/.test(decision.by) ? 'an' : 'a'
  const reason =
    decision.type === 'explicitly-denied'
      ? `with an explicit deny in ${article} ${decision.by}`
      : `because no ${decision.by} allows the ${action} action`
  return `User: ${name} is not authorized to perform: ${action} on resource: ${resource} ${reason}`
}
