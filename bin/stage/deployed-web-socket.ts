import { APIGatewayClient, GetApiKeysCommand } from '@aws-sdk/client-api-gateway'

import { nameOf } from '../../functions/shared/runtime/deployment-name.ts'
import { UsageError } from '../terminal/errors.ts'
import { clientOptions } from './client-options.ts'
import { deployedEnvironment } from './deployed-function.ts'
import type { DeployedStage } from './find-deployment.ts'

/**
 * Where the WebSocket clients of a deployment connect: the URL to which its broadcaster posts, as ws or wss.
 *
 * @throws UsageError when no such deployment runs there, or it has no WebSocket API
 */
export async function deployedWebSocketUrl(deployed: DeployedStage): Promise<string> {
  if (deployed.running?.webSocketUrl !== undefined) return deployed.running.webSocketUrl
  const { AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI: posts } = await deployedEnvironment(
    'broadcaster',
    deployed,
  )
  if (posts === undefined)
    throw new UsageError(
      `the function ${nameOf(deployed)}-broadcaster has no AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI: give --url`,
    )
  return posts.replace(/^http/, 'ws')
}

/**
 * The API key of a deployment; on AWS, for whoever may read it there.
 *
 * @throws UsageError where it cannot be read
 */
export async function deployedApiKey({
  prefix,
  stage,
  environment,
  running,
}: DeployedStage): Promise<string> {
  if (running !== undefined) return running.api.key
  const name = nameOf({ prefix, stage })
  const client = new APIGatewayClient(clientOptions('API_GATEWAY', environment))
  const { items = [] } = await client
    .send(new GetApiKeysCommand({ nameQuery: name, includeValues: true }))
    .catch((cause: unknown) => {
      throw new UsageError(
        `the API key ${name} cannot be read here; give it with --key (npm start prints it)`,
        {
          cause,
        },
      )
    })
  const value = items.find((each) => each.name === name)?.value
  if (value === undefined) throw new UsageError(`there is no API key ${name}; give one with --key`)
  return value
}
