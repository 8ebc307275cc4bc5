import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { APIGatewayClient, GetApiKeyCommand } from '@aws-sdk/client-api-gateway'
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs'
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { GetObjectCommand, paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3'
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { type KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis'
import { GetParameterCommand, ParameterNotFound, SSMClient } from '@aws-sdk/client-ssm'
import { z } from 'zod'

import { createKinesisClient } from '../../feed/kinesis-client.ts'
import { type Row, readRows } from '../../test/system/support/replay-into.ts'
import { type Cdk, createCdk } from './cdk.ts'
import { openDatabase, type SuiteDatabase } from './database.ts'
import { type Endpoint, openEndpoint } from './endpoint.ts'

/** The stack of stage `local`. */
export const STACK = 'TickStock-local'

const outputsSchema = z.object({
  TicksStream: z.string(),
  DeadLetterBucket: z.string(),
  ReadSecret: z.string(),
  ApiId: z.string(),
  ApiKeyId: z.string(),
})
const loginSchema = z.object({ username: z.string(), password: z.string() })

/** How the SDK's clients reach an endpoint. */
export type ClientOptions = {
  readonly endpoint: string
  readonly region: string
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string }
}

/** An endpoint, a database, and stage `local` as `cdk deploy` left it there. */
export class System {
  readonly endpoint: Endpoint
  readonly cdk: Cdk
  readonly clientOptions: ClientOptions
  readonly kinesis: KinesisClient
  readonly lambda: LambdaClient
  private readonly database: SuiteDatabase
  private readonly folder: string
  private readonly s3: S3Client
  private mayBeDeployed = false
  private outputs: z.infer<typeof outputsSchema> | undefined

  private constructor(endpoint: Endpoint, database: SuiteDatabase) {
    const { environment } = endpoint
    this.endpoint = endpoint
    this.database = database
    this.folder = mkdtempSync(join(tmpdir(), 'tickstock-suite-'))
    this.cdk = createCdk(environment, join(this.folder, 'assembly'))
    this.clientOptions = {
      endpoint: endpoint.url,
      region: environment['AWS_REGION'] ?? '',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    }
    this.kinesis = createKinesisClient(environment)
    this.lambda = new LambdaClient(this.clientOptions)
    this.s3 = new S3Client({ ...this.clientOptions, forcePathStyle: true })
  }

  /** Opens endpoint and database; nothing is deployed yet. */
  static async open(): Promise<System> {
    const endpoint = await openEndpoint()
    try {
      return new System(endpoint, await openDatabase())
    } catch (error) {
      await endpoint.stop()
      throw error
    }
  }

  /** Removes what is still deployed, and ends what was started for the suite. */
  async close(): Promise<void> {
    try {
      if (this.mayBeDeployed) await this.destroy()
    } finally {
      await this.database.remove()
      await this.endpoint.stop()
      rmSync(this.folder, { recursive: true, force: true })
    }
  }

  /**
   * Deploys the app as into an empty account.
   *
   * @param parameters of the stack, over those of the database
   */
  /** Whether `cdk bootstrap` has been run there, by whomever. */
  async isBootstrapped(): Promise<boolean> {
    const client = new SSMClient(this.clientOptions)
    try {
      await client.send(new GetParameterCommand({ Name: '/cdk-bootstrap/hnb659fds/version' }))
      return true
    } catch (error) {
      if (error instanceof ParameterNotFound) return false
      throw error
    }
  }

  async deploy(parameters: Readonly<Record<string, string>> = {}): Promise<void> {
    this.mayBeDeployed = true
    const outputs = join(this.folder, 'outputs.json')
    const given = Object.entries({ ...this.database.parameters, ...parameters })
    await this.cdk('bootstrap')
    await this.cdk(
      'deploy',
      '--require-approval',
      'never',
      '--outputs-file',
      outputs,
      ...given.flatMap(([name, value]) => ['--parameters', `${name}=${value}`]),
    )
    const written = z.record(z.string(), z.unknown()).parse(JSON.parse(readFileSync(outputs, 'utf8')))
    this.outputs = outputsSchema.parse(written[STACK])
    if (this.endpoint.lacks['custom resources'])
      await this.invoke('tickstock-local-migrator', { type: 'migrate' })
  }

  async destroy(): Promise<void> {
    await this.cdk('destroy', '--force')
    this.mayBeDeployed = false
  }

  /** Names of what was deployed. */
  get deployed(): z.infer<typeof outputsSchema> {
    if (this.outputs === undefined) throw new Error('stage local is not deployed')
    return this.outputs
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
    const logs = new CloudWatchLogsClient(this.clientOptions)
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
        StreamName: this.deployed.TicksStream,
        Records: records.map((data) => ({ PartitionKey: symbol, Data: Buffer.from(data) })),
      }),
    )
    if (answer.FailedRecordCount) throw new Error(`${answer.FailedRecordCount} records were not taken`)
  }

  /** The key of the REST API. */
  async apiKey(): Promise<string> {
    const client = new APIGatewayClient(this.clientOptions)
    const key = await client.send(
      new GetApiKeyCommand({ apiKey: this.deployed.ApiKeyId, includeValue: true }),
    )
    if (key.value === undefined) throw new Error(`the key ${this.deployed.ApiKeyId} has no value`)
    return key.value
  }

  /** Asks the REST API, where emulators have it. */
  async get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
    const api = `${this.endpoint.url}/restapis/${this.deployed.ApiId}/local/_user_request_`
    return await fetch(`${api}${path}`, { headers })
  }

  /** A symbol's bars, read as the read-only role. */
  async bars(symbol: string): Promise<Row[]> {
    const client = new SecretsManagerClient(this.clientOptions)
    const secret = await client.send(new GetSecretValueCommand({ SecretId: this.deployed.ReadSecret }))
    const { username, password } = loginSchema.parse(JSON.parse(secret.SecretString ?? ''))
    const { host, port, name } = this.database
    const rows = await readRows(
      `postgresql://${username}:${encodeURIComponent(password)}@${host}:${port}/${name}`,
    )
    return rows.filter((row) => row.symbol === symbol)
  }

  /** The texts of the objects in the dead-letter bucket below a prefix. */
  async deadLetters(prefix: string): Promise<string[]> {
    const bucket = { Bucket: this.deployed.DeadLetterBucket }
    const texts: string[] = []
    for await (const page of paginateListObjectsV2({ client: this.s3 }, { ...bucket, Prefix: prefix }))
      for (const { Key } of page.Contents ?? []) {
        const object = await this.s3.send(new GetObjectCommand({ ...bucket, Key }))
        texts.push((await object.Body?.transformToString()) ?? '')
      }
    return texts
  }
}
