import { APIGatewayClient, GetApiKeysCommand } from '@aws-sdk/client-api-gateway'

import { clientOptions } from './client-options.ts'
import { deployedEnvironment } from './deployed-function.ts'
import { UsageError } from '../terminal/errors.ts'

/**
 * Where the WebSocket clients of a running deployment connect: beside where its function posts to them.
 *
 * @throws UsageError when no such deployment runs there, or it has no WebSocket API
 */
export async function deployedWebSocketUrl(stage: string): Promise<string> {
  const { AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI: posts } = await deployedEnvironment('broadcaster', {
    stage,
  })
  if (posts === undefined)
    throw new UsageError(
      `the function tickstock-${stage}-broadcaster does not say where it posts; give --url`,
    )
  return posts.replace(/^http/, 'ws')
}

/**
 * The key of a deployment on AWS, for who may read it there.
 *
 * @throws UsageError where it cannot be read
 */
export async function deployedApiKey(stage: string): Promise<string> {
  const name = `tickstock-${stage}`
  const client = new APIGatewayClient(clientOptions('API_GATEWAY'))
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
