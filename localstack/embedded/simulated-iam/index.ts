import { runSimulation } from '@cloud-copilot/iam-simulate'
import type { Simulation } from '@cloud-copilot/iam-simulate'
import type { AccessDecision, AccessRequest, Authorize, RefusingPolicy } from '../access.ts'
import { EmbeddedRuntimeError } from '../errors.ts'

export type { AccessDecision, AccessRequest, Authorize, PolicyDocument } from '../access.ts'

/** Judges by `@cloud-copilot/iam-simulate`, which whoever imports this installs. */
export const simulatedIam: Authorize = async (request) => {
  const { action, resource } = request
  const simulated = await runSimulation(simulationOf(request), {})
  if (simulated.resultType === 'error')
    throw new EmbeddedRuntimeError(
      `Cannot judge ${action} on ${resource} for ${request.principal}: ${JSON.stringify(simulated.errors)}`,
    )
  if (simulated.overallResult === 'Allowed') return { type: 'allowed' }
  const analysis =
    simulated.resultType === 'single' ? simulated.result.analysis : simulated.results[0]?.analysis
  return {
    type: simulated.overallResult === 'ExplicitlyDenied' ? 'explicitly-denied' : 'implicitly-denied',
    by: refusingPolicy(analysis, request),
  } satisfies AccessDecision
}

function simulationOf(request: AccessRequest): Simulation {
  const { permissionsBoundary: boundary, resourcePolicy } = request
  const isRole = request.principal.startsWith('arn:')
  return {
    request: {
      principal: request.principal,
      action: request.action,
      resource: { resource: request.resource, accountId: request.accountId },
      contextVariables: {
        // On this machine there is no TLS; on AWS every SDK uses it.
        'aws:SecureTransport': 'true',
        ...(isRole && { 'aws:PrincipalAccount': request.accountId }),
        ...Object.fromEntries(
          Object.entries(request.conditions).map(([key, value]) => [
            key,
            typeof value === 'string' ? value : [...value],
          ]),
        ),
      },
    },
    identityPolicies: request.identityPolicies.map(({ name, document }) => ({ name, policy: document })),
    serviceControlPolicies: [],
    resourceControlPolicies: [],
    ...(resourcePolicy && { resourcePolicy }),
    ...(boundary && { permissionBoundaryPolicies: [{ name: boundary.name, policy: boundary.document }] }),
  }
}

type Analysis = {
  readonly identityAnalysis?: { readonly result: string }
  readonly resourceAnalysis?: { readonly result: string }
  readonly permissionBoundaryAnalysis?: { readonly result: string } | undefined
}

/** The policy that denies; else that which lets nothing through although the others do. */
function refusingPolicy(analysis: Analysis | undefined, { principal }: AccessRequest): RefusingPolicy {
  const results: readonly (readonly [RefusingPolicy, string | undefined])[] = [
    ['identity-based policy', analysis?.identityAnalysis?.result],
    ['resource-based policy', analysis?.resourceAnalysis?.result],
    ['permissions boundary', analysis?.permissionBoundaryAnalysis?.result],
  ]
  const denies = results.find(([, result]) => result === 'ExplicitlyDenied')
  if (denies !== undefined) return denies[0]
  if (!principal.startsWith('arn:')) return 'resource-based policy'
  return analysis?.identityAnalysis?.result === 'Allowed' ? 'permissions boundary' : 'identity-based policy'
}
