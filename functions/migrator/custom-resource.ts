import type { CustomResourceEvent } from './events.ts'

/** There is one schema per database: the id never changes, so CloudFormation never replaces it. */
const PHYSICAL_RESOURCE_ID = 'database-schema'

/** CloudFormation refuses answers above 4096 bytes. */
const MAX_REASON_CHARACTERS = 1000

/** Its bucket may be away: then Lambda runs the function again. */
const ANSWER_MS = 30_000

export type Outcome =
  | { readonly status: 'SUCCESS'; readonly data: Readonly<Record<string, string>> }
  | { readonly status: 'FAILED'; readonly reason: string }

/**
 * Tells CloudFormation how its request ended.
 * @throws Error when CloudFormation does not take the answer
 */
export async function respond(request: CustomResourceEvent, outcome: Outcome): Promise<undefined> {
  const body = JSON.stringify({
    Status: outcome.status,
    Reason: outcome.status === 'FAILED' ? outcome.reason.slice(0, MAX_REASON_CHARACTERS) : 'done',
    PhysicalResourceId: request.PhysicalResourceId ?? PHYSICAL_RESOURCE_ID,
    StackId: request.StackId,
    RequestId: request.RequestId,
    LogicalResourceId: request.LogicalResourceId,
    ...(outcome.status === 'SUCCESS' ? { Data: outcome.data } : {}),
  })
  // The URL is signed for an empty content type.
  const response = await fetch(request.ResponseURL, {
    method: 'PUT',
    body,
    headers: { 'content-type': '' },
    signal: AbortSignal.timeout(ANSWER_MS),
  })
  if (!response.ok) {
    throw new Error(
      `CloudFormation answered ${response.status} to the outcome ${outcome.status} of ${request.RequestId}`,
    )
  }
}
