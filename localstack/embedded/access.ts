/** An action on a resource, as IAM names them; the resource is an ARN, or `*` for actions that have none. */
export type Access = {
  readonly action: string
  readonly resource: string
  /** Condition keys that the request gives, beside those that every request has. */
  readonly conditions?: ConditionKeys
}

type ConditionKeys = Readonly<Record<string, string | readonly string[]>>

/** A policy document as the template has it, its references resolved. */
export type PolicyDocument = Readonly<Record<string, unknown>>

export type NamedPolicy = { readonly name: string; readonly document: PolicyDocument }

/** What is to be judged: whether a principal may, by the policies that apply to it and to the resource. */
export type AccessRequest = Required<Access> & {
  /** The ARN of a role's session, or the name of a service of AWS. */
  readonly principal: string
  readonly accountId: string
  readonly identityPolicies: readonly NamedPolicy[]
  /** Undefined where the role has none. */
  readonly permissionsBoundary: NamedPolicy | undefined
  readonly resourcePolicy: PolicyDocument | undefined
}

/** Which policies refuse, in the words of AWS. */
export type RefusingPolicy = 'identity-based policy' | 'resource-based policy' | 'permissions boundary'

export type AccessDecision =
  | { readonly type: 'allowed' }
  /** By a statement `Deny`, or by having no statement that allows. */
  | { readonly type: 'explicitly-denied' | 'implicitly-denied'; readonly by: RefusingPolicy }

/** Judges by the rules of IAM. Throws if it cannot, for an action that IAM does not have or a malformed policy. */
export type Authorize = (request: AccessRequest) => Promise<AccessDecision>

/** Makes the runtime enforce the policies of the template. */
export type Enforcement = {
  readonly authorize: Authorize
  /** Documents of managed policies that are not in the template, by their ARN. @default none */
  readonly managedPolicies?: Readonly<Record<string, PolicyDocument>>
}
