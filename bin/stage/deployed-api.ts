import { APIGatewayClient, paginateGetRestApis } from '@aws-sdk/client-api-gateway'

import { nameOf } from '../../functions/shared/runtime/deployment-name.ts'
import { UsageError } from '../terminal/errors.ts'
import { clientOptions } from './client-options.ts'
import { deployedApiKey } from './deployed-web-socket.ts'
import type { DeployedStage } from './find-deployment.ts'

/** A REST API, without a slash at the end of its address, and a key for it. */
export type RestApi = { readonly url: string; readonly key: string }

/**
 * The REST API of a deployment, but for what is given.
 *
 * @throws UsageError where it, or a key for it, cannot be found here
 */
export async function deployedRestApi(
  deployed: DeployedStage,
  { api, key }: { readonly api?: string; readonly key?: string },
): Promise<RestApi> {
  const url = api ?? (await deployedApiUrl(deployed))
  return { url: url.replace(/\/$/, ''), key: key ?? (await deployedApiKey(deployed)) }
}

/** Asks for a path of it, which a redirect does not lead away from. */
export function getFromApi(
  { url, key }: RestApi,
  path: string,
  { accept, timeoutMs }: { readonly accept: 'application/json' | 'text/csv'; readonly timeoutMs: number },
): Promise<Response> {
  return fetch(`${url}${path}`, {
    headers: { 'x-api-key': key, accept },
    redirect: 'error',
    signal: AbortSignal.timeout(timeoutMs),
  })
}

/**
 * Where the REST API of a deployment is, without a slash at its end.
 *
 * @throws UsageError when there is none, or it cannot be found here
 */
async function deployedApiUrl({ prefix, stage, environment, running }: DeployedStage): Promise<string> {
  if (running !== undefined) return running.api.url
  const name = nameOf({ prefix, stage })
  const { region, endpoint } = addressOf(environment)
  const client = new APIGatewayClient(clientOptions('API_GATEWAY', environment))
  for await (const { items = [] } of paginateGetRestApis({ client }, {}))
    for (const api of items)
      if (api.name === name && api.id !== undefined)
        return endpoint === undefined
          ? `https://${api.id}.execute-api.${region}.amazonaws.com/${stage}`
          : `${endpoint}/_aws/execute-api/${api.id}/${stage}`
  throw new UsageError(`there is no REST API ${name} here: give --api (the output ApiUrl)`)
}

function addressOf(environment: NodeJS.ProcessEnv): { region: string; endpoint: string | undefined } {
  const { region = environment['AWS_REGION'] ?? 'us-east-1', endpoint } = clientOptions(
    'API_GATEWAY',
    environment,
  )
  return { region, endpoint: endpoint?.replace(/\/$/, '') }
}
