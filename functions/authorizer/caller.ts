/** The groups of people. An operator may do what a viewer may. */
export const ROLES = ['viewer', 'operator'] as const

/** What a caller may do; a program only reads, unless its key is an operator's. */
type Role = (typeof ROLES)[number] | 'program'

/** Who calls. */
export type Caller = {
  /** The subject of a token; for a program its stored key, which names no secret. */
  readonly principal: string
  readonly role: Role
  /** What the issuer calls a person, for the record of what was done; none for programs, and with tickets. */
  readonly name?: string
  /** The stored value of the API key by which its requests are counted and limited. */
  readonly usageKey: string
}

/** Who calls, or why nobody is let in; the reason is for the log, since it would help who tries. */
export type Identified =
  | { readonly type: 'known'; readonly caller: Caller }
  | { readonly type: 'refused'; readonly reason: string }
