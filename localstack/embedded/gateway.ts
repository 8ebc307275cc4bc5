import { Agent, request as sendRequest } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { apiGatewayPath } from './services/api-gateway/api-gateway.ts'
import { customResourcePath } from './services/cloudformation/custom-resources.ts'
import { answer, startHttpServer } from './http/http.ts'
import type { HttpHandler, HttpResponse, HttpServer, Upgrade } from './http/http.ts'
import { lambdaPath } from './services/lambda/lambda-api.ts'
import { element, xml } from './http/xml.ts'

/** A service that is answered here, or the endpoint of one that has a server of its own. */
export type Route = HttpHandler | string

/** What the gateway leads to. */
export type Routes = {
  readonly kinesis: Route
  readonly dynamodb: Route
  readonly secretsmanager: Route
  readonly ssm: Route
  readonly logs: Route
  readonly lambda: Route
  readonly s3: Route
  readonly customResources: HttpHandler
  readonly apis: HttpHandler
  /** Takes clients of WebSocket APIs. */
  readonly upgrade: Upgrade['take']
  readonly health: () => unknown
}

type Service = 'kinesis' | 'dynamodb' | 'secretsmanager' | 'ssm' | 'logs' | 'lambda' | 's3'

/** The one endpoint that a client needs as `AWS_ENDPOINT_URL`: it tells services apart as LocalStack does. */
export const startGateway = async (port: number, routes: Routes): Promise<HttpServer> => {
  const agent = new Agent({ keepAlive: true })
  const server = await startHttpServer(
    port,
    (incoming, outgoing) => {
      const route = routeOf(incoming, routes)
      if (typeof route === 'string') forward({ incoming, outgoing, endpoint: route, agent })
      else void answer(incoming, outgoing, route)
    },
    { wants: isWebSocket, take: routes.upgrade },
  )
  return {
    endpoint: server.endpoint,
    close: async () => {
      await server.close()
      agent.destroy()
    },
  }
}

/** All other requests to upgrade are answered as if they asked for nothing. */
const isWebSocket = ({ url, headers }: IncomingMessage): boolean =>
  headers.upgrade?.toLowerCase() === 'websocket' && url?.startsWith(apiGatewayPath) === true

const routeOf = (incoming: IncomingMessage, routes: Routes): Route => {
  const path = incoming.url ?? '/'
  if (path === '/_health') return () => json(200, routes.health())
  if (path.startsWith(customResourcePath)) return routes.customResources
  if (path.startsWith(apiGatewayPath)) return routes.apis
  const service = serviceOf(incoming, path)
  if (Object.hasOwn(routes, service) && isService(service)) return routes[service]
  return () => refusal(incoming, `The service ${service} is not served here; ${services.join(', ')} are.`)
}

/** In XML to services whose clients send forms and read XML. */
const refusal = ({ headers }: IncomingMessage, message: string): HttpResponse => {
  if (!headers['content-type']?.startsWith('application/x-www-form-urlencoded')) return json(501, { message })
  const error = element('Error', [element('Code', 'NotImplemented'), element('Message', message)])
  return {
    status: 501,
    headers: { 'content-type': 'text/xml' },
    body: xml(element('ErrorResponse', [error])),
  }
}

const services: readonly Service[] = ['kinesis', 'dynamodb', 'secretsmanager', 'ssm', 'logs', 'lambda', 's3']

const isService = (name: string): name is Service => services.some((service) => service === name)

const targets: Readonly<Record<string, Service>> = {
  Kinesis_20131202: 'kinesis',
  DynamoDB_20120810: 'dynamodb',
  secretsmanager: 'secretsmanager',
  AmazonSSM: 'ssm',
  Logs_20140328: 'logs',
}

/** By `X-Amz-Target`, else by path, else by the service that the signature is for; a bare request is one to S3. */
const serviceOf = ({ headers }: IncomingMessage, path: string): string => {
  const target = headers['x-amz-target']
  if (typeof target === 'string') return targets[target.split('.')[0] ?? ''] ?? target
  if (path.startsWith(lambdaPath)) return 'lambda'
  const scope = /Credential=[^/]+\/\d+\/[^/]+\/(?<service>[^/]+)\/aws4_request/.exec(
    headers.authorization ?? '',
  )
  return scope?.groups?.['service'] ?? 's3'
}

const forward = ({
  incoming,
  outgoing,
  endpoint,
  agent,
}: {
  readonly incoming: IncomingMessage
  readonly outgoing: ServerResponse
  readonly endpoint: string
  readonly agent: Agent
}): void => {
  const { method, headers } = incoming
  const onward = sendRequest(`${endpoint}${incoming.url}`, { method, headers, agent }, (response) => {
    outgoing.writeHead(response.statusCode ?? 502, response.headers)
    response.pipe(outgoing)
  })
  onward.on('error', (error) => {
    if (outgoing.headersSent) outgoing.destroy(error)
    else
      outgoing
        .writeHead(502)
        .end(JSON.stringify({ message: `${endpoint} does not answer: ${error.message}` }))
  })
  incoming.pipe(onward)
}

const json = (status: number, value: unknown): HttpResponse => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(value),
})
