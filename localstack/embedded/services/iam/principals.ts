import { createHash } from 'node:crypto'
import type { NamedPolicy, PolicyDocument } from '../../access.ts'
import { ResourceError } from '../../errors.ts'

/** A role, or a service of AWS that has no policies of its own. */
export type Principal = {
  /** As IAM names who calls. */
  readonly name: string
  readonly policies: () => readonly NamedPolicy[]
  readonly boundary: () => NamedPolicy | undefined
}

type Role = {
  readonly arn: string
  readonly policies: NamedPolicy[]
  readonly managed: readonly string[]
  readonly boundary: string | undefined
}

/** The roles of a stack with their policies, and the sessions in which functions use them. */
export class Principals {
  readonly #roles = new Map<string, Role>()
  readonly #sessions = new Map<string, Principal>()
  readonly #managed: Map<string, PolicyDocument>
  readonly #accountId: string

  constructor(accountId: string, managedPolicies: Readonly<Record<string, PolicyDocument>>) {
    this.#accountId = accountId
    this.#managed = new Map(Object.entries(managedPolicies))
  }

  addRole(name: string, role: Role): void {
    this.#roles.set(name, role)
  }

  addManagedPolicy(arn: string, document: PolicyDocument): void {
    this.#managed.set(arn, document)
  }

  /** Does nothing for a role from elsewhere. */
  attach(roleName: string, policy: NamedPolicy): void {
    this.#roles.get(roleName)?.policies.push(policy)
  }

  /** The session of a function in a role given by ARN; throws a ResourceError for a role from elsewhere. */
  session(roleArn: string, sessionName: string): Principal {
    const roleName = roleArn.split('/').at(-1) ?? ''
    const role = this.#roles.get(roleName)
    if (role?.arn !== roleArn)
      throw new ResourceError(`Role ${roleArn} is not a role of this stack: its policies cannot be enforced.`)
    return {
      name: `arn:aws:sts::${this.#accountId}:assumed-role/${roleName}/${sessionName}`,
      policies: () => [...role.policies, ...role.managed.map((arn) => this.#managedPolicy(arn))],
      boundary: () => (role.boundary === undefined ? undefined : this.#managedPolicy(role.boundary)),
    }
  }

  /**
   * An access key by which the gateway knows a session again; the same at every start. Throws a ResourceError for a policy
   * whose document is not known.
   */
  keyFor(session: Principal): string {
    session.policies()
    session.boundary()
    const digest = createHash('sha256').update(session.name).digest('hex')
    const key = `ASIA${digest.slice(0, 16).toUpperCase()}`
    this.#sessions.set(key, session)
    return key
  }

  /** Undefined for a key that is no function's: the owner's, who may do everything. */
  byKey(key: string): Principal | undefined {
    return this.#sessions.get(key)
  }

  #managedPolicy(arn: string): NamedPolicy {
    const document = this.#managed.get(arn)
    if (document !== undefined) return { name: arn, document }
    throw new ResourceError(
      `The document of the managed policy ${arn} is not known: give it in RuntimeOptions.iam.managedPolicies.`,
    )
  }
}

/** A service of AWS that calls for an owner, such as `apigateway.amazonaws.com`. */
export function servicePrincipal(name: string): Principal {
  return { name, policies: () => [], boundary: () => undefined }
}
