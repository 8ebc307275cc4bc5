import { APIGatewayClient, GetApiKeyCommand } from '@aws-sdk/client-api-gateway'
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs'
import { KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis'
import { GetFunctionConfigurationCommand, InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { GetObjectCommand, paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3'
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import * as z from 'zod'

import { eventually } from '../support/eventually.ts'
import { type Row, readRows } from '../system/support/replay-into.ts'
import type { SuiteDatabase } from './database.ts'
import type { Endpoint } from './endpoint.ts'
import { setEnvironment } from './while-failing.ts'

/** Two firings of a schedule of one minute, and the work after them. */
export const PATIENCE = { seconds: 150, everyMs: 250 }

/** Outputs of the stack. */
export const namesSchema = z.object({
  TicksStream: z.string(),
  DeadLetterBucket: z.string(),
  ReadSecret: z.string(),
  ApiId: z.string(),
  ApiKeyId: z.string(),
  BroadcasterFunction: z.string().optional(),
  WebSocketUrl: z.string().optional(),
})
const loginSchema = z.object({ username: z.string(), password: z.string() })

/** Stage `local` as `cdk deploy` left it at an endpoint. */
export class Deployed {
  readonly names: z.infer<typeof namesSchema>
  readonly kinesis: KinesisClient
  readonly lambda: LambdaClient
  readonly #endpoint: Endpoint
  readonly #database: SuiteDatabase
  readonly #s3: S3Client

  constructor(endpoint: Endpoint, database: SuiteDatabase, names: z.infer<typeof namesSchema>) {
    this.#endpoint = endpoint
    this.#database = database
    this.names = names
    // A connection for each call: emulators close idle ones, and a put that meets that is not retried.
    const requestHandler = new NodeHttpHandler({ httpAgent: { keepAlive: false } })
    this.kinesis = new KinesisClient({ ...endpoint.clientOptions, maxAttempts: 1, requestHandler })
    this.lambda = new LambdaClient(endpoint.clientOptions)
    this.#s3 = new S3Client({ ...endpoint.clientOptions, forcePathStyle: true })
  }

  /** Invokes a function and gives its answer; rejects when it fails. */
  async invoke(name: string, event: unknown): Promise<unknown> {
    const answer = await this.lambda.send(
      new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(event) }),
    )
    const text = Buffer.from(answer.Payload ?? []).toString()
    if (answer.FunctionError) throw new Error(`${name} failed: ${text}`)
    return JSON.parse(text)
  }

  /** How often a function was invoked since a time, in Unix milliseconds, by its log. */
  async invocations(name: string, since: number): Promise<number> {
    const logs = new CloudWatchLogsClient(this.#endpoint.clientOptions)
    const { events = [] } = await logs.send(
      new FilterLogEventsCommand({
        logGroupName: `/aws/lambda/${name}`,
        startTime: since,
        filterPattern: '"START RequestId"',
      }),
    )
    return events.length
  }

  /** Puts records of one symbol on the stream `ticks`, in this order. */
  async put(symbol: string, ...records: readonly string[]): Promise<void> {
    const answer = await this.kinesis.send(
      new PutRecordsCommand({
        StreamName: this.names.TicksStream,
        Records: records.map((data) => ({ PartitionKey: symbol, Data: Buffer.from(data) })),
      }),
    )
    if (answer.FailedRecordCount) throw new Error(`${answer.FailedRecordCount} records were not taken`)
  }

  /** The key of the REST API. */
  async apiKey(): Promise<string> {
    const client = new APIGatewayClient(this.#endpoint.clientOptions)
    const key = await client.send(new GetApiKeyCommand({ apiKey: this.names.ApiKeyId, includeValue: true }))
    if (key.value === undefined) throw new Error(`the key ${this.names.ApiKeyId} has no value`)
    return key.value
  }

  /** Asks the REST API, where emulators have it. */
  async get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
    const api = `${this.#endpoint.url}/restapis/${this.names.ApiId}/local/_user_request_`
    return await fetch(`${api}${path}`, { headers })
  }

  /** Where WebSocket clients connect, where emulators have it. */
  get webSocketUrl(): string {
    return this.#webSocketStage().replace(/^http/, 'ws')
  }

  /** Lets the broadcaster post to the endpoint: its own URL is that of AWS, which leads nowhere here. */
  async leadPosts(): Promise<void> {
    const { BroadcasterFunction: name } = this.names
    if (name === undefined) return
    const { Environment } = await this.lambda.send(
      new GetFunctionConfigurationCommand({ FunctionName: name }),
    )
    await setEnvironment(this.lambda, name, {
      ...Environment?.Variables,
      AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI: this.#webSocketStage(),
    })
  }

  #webSocketStage(): string {
    const [, apiId, stage] = /^wss:\/\/([^.]+)\..*\/(\w+)$/.exec(this.names.WebSocketUrl ?? '') ?? []
    if (apiId === undefined || stage === undefined) throw new Error('there is no WebSocket API')
    return `${this.#endpoint.url}/_aws/execute-api/${apiId}/${stage}`
  }

  /** A symbol's bars, read as the read-only role. */
  async bars(symbol: string): Promise<Row[]> {
    const client = new SecretsManagerClient(this.#endpoint.clientOptions)
    const secret = await client.send(new GetSecretValueCommand({ SecretId: this.names.ReadSecret }))
    const { username, password } = loginSchema.parse(JSON.parse(secret.SecretString ?? ''))
    const { host, port, name } = this.#database
    const rows = await readRows(
      `postgresql://${username}:${encodeURIComponent(password)}@${host}:${port}/${name}`,
    )
    return rows.filter((row) => row.symbol === symbol)
  }

  /** The texts of the objects in the dead-letter bucket below a prefix. */
  async deadLetters(prefix: string): Promise<string[]> {
    const bucket = { Bucket: this.names.DeadLetterBucket }
    const texts: string[] = []
    for await (const page of paginateListObjectsV2({ client: this.#s3 }, { ...bucket, Prefix: prefix }))
      for (const { Key } of page.Contents ?? []) {
        const object = await this.#s3.send(new GetObjectCommand({ ...bucket, Key }))
        texts.push((await object.Body?.transformToString()) ?? '')
      }
    return texts
  }

  /** A symbol's bars, as soon as there are so many. */
  async barsOf(symbol: string, count: number): Promise<Row[]> {
    return await eventually(
      `${count} bars of ${symbol}`,
      async () => {
        const bars = await this.bars(symbol)
        return bars.length >= count ? bars : undefined
      },
      PATIENCE,
    )
  }
}
