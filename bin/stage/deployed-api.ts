import { APIGatewayClient, paginateGetRestApis } from '@aws-sdk/client-api-gateway'

import { nameOf } from '../../functions/shared/runtime/deployment-name.ts'
import { UsageError } from '../terminal/errors.ts'
import { clientOptions } from './client-options.ts'
import type { DeployedStage } from './find-deployment.ts'

/** A REST API, without a slash at the end of its address, and a key for it. */
export type RestApi = { readonly url: string; readonly key: string }

/**
 * Where the REST API of a deployment is, without a slash at its end.
 *
 * @throws UsageError when there is none, or it cannot be found here
 */
export async function deployedApiUrl({
  prefix,
  stage,
  environment,
  running,
}: DeployedStage): Promise<string> {
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
