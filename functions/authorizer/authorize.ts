import type { APIGatewayAuthorizerResult } from 'aws-lambda'

import { isOperatorKey, usageKeyOf } from '../shared/access/usage-keys.ts'
import type { Caller, Identified } from './caller.ts'
import { type Carrier, readCredential } from './credential.ts'
import type { Tickets } from './tickets.ts'
import type { Tokens } from './tokens.ts'

/** The part of the event of an authorizer that is used: of a REST API, or of `$connect` of a WebSocket API. */
export type AuthorizerEvent = {
  readonly type: 'REQUEST'
  readonly methodArn: string
  readonly headers?: Readonly<Record<string, string | undefined>> | null
  readonly queryStringParameters?: Readonly<Record<string, string | undefined>> | null
}

export type AuthorizerDeps = {
  readonly tokens: Tokens
  readonly tickets: Tickets
  /** Takes why a request was refused. */
  readonly refused: (reason: string) => void
}

/**
 * Decides who calls. Whether a program's key is one of the deployment's is left to API Gateway, which knows the keys and
 * their usage plans.
 *
 * @throws when the issuer of tokens or the table of tickets fails: API Gateway answers 500
 */
export function createAuthorize(
  deps: AuthorizerDeps,
): (event: AuthorizerEvent) => Promise<APIGatewayAuthorizerResult> {
  return async ({ methodArn, headers, queryStringParameters }) => {
    const identified = await identify(deps, {
      headers: headers ?? {},
      query: queryStringParameters ?? {},
      tickets: methodArn.endsWith('/$connect'),
    })
    if (identified.type === 'known') return allow(identified.caller, methodArn)
    deps.refused(identified.reason)
    return policy('nobody', 'Deny', methodArn)
  }
}

async function identify({ tokens, tickets }: AuthorizerDeps, request: Carrier): Promise<Identified> {
  const credential = readCredential(request)
  switch (credential.type) {
    case 'none':
      return refusal('there is neither an API key nor a token')
    case 'several':
      return refusal('there are several of API key, token and ticket')
    case 'key':
      return ofKey(credential.value)
    case 'token':
      return await tokens.identify(credential.value)
    case 'ticket':
      break
  }
  return ofTicket(await tickets.use(credential.value))
}

function refusal(reason: string): Identified {
  return { type: 'refused', reason }
}

function ofKey(sent: string): Identified {
  const usageKey = usageKeyOf(sent)
  if (usageKey === undefined) return refusal('the text that was sent as a key is no key')
  const role = isOperatorKey(sent) ? 'operator' : 'program'
  return { type: 'known', caller: { principal: principalOf(usageKey), role, usageKey } }
}

function ofTicket(caller: Caller | undefined): Identified {
  if (caller !== undefined) return { type: 'known', caller }
  return refusal('the ticket was used, is older than 30 s, or never was one')
}

/** Tells programs apart in logs; of a key that is stored as it is sent, it must not be the key. */
function principalOf(usageKey: string): string {
  return usageKey.startsWith('sha256-') ? `key ${usageKey.slice(0, 15)}` : 'key of API Gateway'
}

function allow(
  { principal, role, usageKey, name = principal }: Caller,
  methodArn: string,
): APIGatewayAuthorizerResult {
  return {
    ...policy(principal, 'Allow', methodArn),
    context: { role, usageKey, name },
    usageIdentifierKey: usageKey,
  }
}

/** For the one method that was asked for: API Gateway keeps no answer (lib/api.ts). */
function policy(
  principalId: string,
  Effect: 'Allow' | 'Deny',
  methodArn: string,
): APIGatewayAuthorizerResult {
  return {
    principalId,
    policyDocument: {
      Version: '2012-10-17',
      Statement: [{ Action: 'execute-api:Invoke', Effect, Resource: methodArn }],
    },
  }
}
