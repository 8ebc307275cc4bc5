/** The setting `prefix` where none is given. */
export const DEFAULT_PREFIX = 'tickstock'

/** What the names of a deployment are made of: an account may hold several of a stage, each with a prefix of its own. */
export type NamedDeployment = { readonly prefix?: string | undefined; readonly stage: string }

/** What the names of resources begin with, as `tickstock-prod`. */
export function nameOf({ prefix = DEFAULT_PREFIX, stage }: NamedDeployment): string {
  return `${prefix}-${stage}`
}

/** What names that are paths begin with, of parameters and log groups, as `/tickstock/prod`. */
export function pathOf({ prefix = DEFAULT_PREFIX, stage }: NamedDeployment): string {
  return `/${prefix}/${stage}`
}

/** The secret of a role of the database, as `tickstock/prod/database/read`. */
export function secretNameOf(deployment: NamedDeployment, role: string): string {
  return `${pathOf(deployment).slice(1)}/database/${role}`
}

/** The stack, as `TickStock-prod`, or with a prefix of its own as `desk-prod`. */
export function stackNameOf({ prefix = DEFAULT_PREFIX, stage }: NamedDeployment): string {
  return prefix === DEFAULT_PREFIX ? `TickStock-${stage}` : `${prefix}-${stage}`
}
