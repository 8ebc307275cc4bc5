import type { AccessRequest, PolicyDocument } from 'embedded-aws/simulated-iam'
import { simulatedIam } from 'embedded-aws/simulated-iam'
import * as z from 'zod'

const list = z.union([z.string(), z.array(z.string())]).transform((value) => [value].flat())
const statementSchema = z.object({ Effect: z.literal('Allow'), Action: list, Resource: list })
const documentSchema = z.object({ Statement: z.array(z.unknown()) })

/** One action on one resource that a policy of a function grants. */
export type Grant = { readonly part: string; readonly action: string; readonly resource: string }

/** The part whose role's session it is: `aggregator` of `...assumed-role/NAME/tickstock-local-aggregator`. */
export function partOf(principal: string): string {
  return principal.split('/').at(-1)?.replace('tickstock-local-', '') ?? principal
}

/** A statement of the policies of whoever asked: what it grants, and the same request without it. */
export type Statement = {
  readonly grants: readonly Grant[]
  readonly without: (request: AccessRequest) => AccessRequest
}

export function statementsOf({ principal, identityPolicies }: AccessRequest): readonly Statement[] {
  const part = partOf(principal)
  return identityPolicies.flatMap(({ name, document }, place) => {
    const statements = documentSchema.parse(document).Statement
    return statements.map((statement, left): Statement => {
      const { Action, Resource } = statementSchema.parse(statement)
      const others = { name, document: policyOf(statements.filter((_, index) => index !== left)) }
      return {
        grants: Action.flatMap((action) => Resource.map((resource) => ({ part, action, resource }))),
        without: (request) => ({
          ...request,
          identityPolicies: request.identityPolicies.with(place, others),
        }),
      }
    })
  })
}

/** Whether this grant alone lets the request through. */
export async function isCoveredBy(request: AccessRequest, { action, resource }: Grant): Promise<boolean> {
  if (request.action !== action) return false
  const document = policyOf([{ Effect: 'Allow', Action: action, Resource: resource }])
  return await isAllowed({ ...request, identityPolicies: [{ name: 'one grant', document }] })
}

export async function isAllowed(request: AccessRequest): Promise<boolean> {
  return (await simulatedIam(request)).type === 'allowed'
}

function policyOf(statements: readonly unknown[]): PolicyDocument {
  return { Version: '2012-10-17', Statement: statements }
}
