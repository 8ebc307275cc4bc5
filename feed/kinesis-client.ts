import { KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis'
import type { KinesisClientConfig, PutRecordsResultEntry } from '@aws-sdk/client-kinesis'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import * as z from 'zod'
import type { KinesisPort, PutOutcome, PutResult } from './kinesis-port.ts'

/** The variables that are read here; the SDK itself reads more. */
export type KinesisEnvironment = {
  readonly AWS_REGION?: string | undefined
  readonly AWS_ENDPOINT_URL?: string | undefined
  readonly AWS_ENDPOINT_URL_KINESIS?: string | undefined
  readonly AWS_ACCESS_KEY_ID?: string | undefined
  readonly AWS_SECRET_ACCESS_KEY?: string | undefined
  readonly AWS_SESSION_TOKEN?: string | undefined
  readonly AWS_PROFILE?: string | undefined
}

/** Codes of transient failures: throttling, a fault of the service, or a broken connection. */
const PASSING =
  /^(ProvisionedThroughputExceeded|KMSThrottling|Throttling|ThrottledException|LimitExceeded|TooManyRequests|RequestLimitExceeded|SlowDown|InternalFailure|InternalError|InternalServer|ServiceUnavailable|RequestTimeout|TimeoutError|RequestTimeTooSkewed)/

/**
 * Creates the Kinesis client of the feed. Endpoint, credentials and region come from the environment as the SDK
 * reads it; where an endpoint is set, the region defaults to us-east-1 and the keys to `test`, which any emulator accepts.
 *
 * It uses HTTP/1.1, because the SDK's default for Kinesis, HTTP/2, fails on LocalStack and MiniStack. It does not retry: the
 * publisher does, and reports it.
 */
export function createKinesisClient(environment: KinesisEnvironment = process.env): KinesisClient {
  const { AWS_REGION, AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_KINESIS } = environment
  const endpoint = AWS_ENDPOINT_URL_KINESIS || AWS_ENDPOINT_URL
  const region = AWS_REGION || (endpoint ? 'us-east-1' : undefined)
  const agent = { keepAlive: true, maxSockets: 50 }
  return new KinesisClient({
    ...(region ? { region } : {}),
    ...(endpoint ? { endpoint, ...credentialsOf(environment) } : {}),
    maxAttempts: 1,
    requestHandler: new NodeHttpHandler({
      httpAgent: agent,
      httpsAgent: agent,
      connectionTimeout: 5_000,
      requestTimeout: 30_000,
      throwOnRequestTimeout: true,
    }),
  })
}

function credentialsOf(environment: KinesisEnvironment): Pick<KinesisClientConfig, 'credentials'> {
  if (environment.AWS_PROFILE) return {}
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = environment
  return {
    credentials: {
      accessKeyId: AWS_ACCESS_KEY_ID || 'test',
      secretAccessKey: AWS_SECRET_ACCESS_KEY || 'test',
      ...(AWS_SESSION_TOKEN ? { sessionToken: AWS_SESSION_TOKEN } : {}),
    },
  }
}

/** Puts records through the SDK's client, and distinguishes transient failures from permanent ones. */
export function kinesisPort(client: Pick<KinesisClient, 'send'>): KinesisPort {
  return {
    putRecords: async (stream, records) => {
      const Records = records.map(({ partitionKey, data }) => ({ PartitionKey: partitionKey, Data: data }))
      try {
        const answer = await client.send(new PutRecordsCommand({ StreamName: stream, Records }))
        return { type: 'answered', outcomes: (answer.Records ?? []).map(outcomeOf) }
      } catch (error) {
        return failureOf(error)
      }
    },
  }
}

function outcomeOf({ ErrorCode, ErrorMessage = '' }: PutRecordsResultEntry): PutOutcome {
  if (!ErrorCode) return { type: 'accepted' }
  return { type: PASSING.test(ErrorCode) ? 'failed' : 'refused', code: ErrorCode, message: ErrorMessage }
}

/** Node's codes of network failures: `ECONNREFUSED`, `EAI_AGAIN`, ... */
const SYSTEM_CODE = /^E(?!RR_)[A-Z_]+$/

const SystemError = z.object({ code: z.string().regex(SYSTEM_CODE) })
const Answered = z.object({ $metadata: z.object({ httpStatusCode: z.number() }) })

function failureOf(error: unknown): PutResult {
  if (!(error instanceof Error)) throw error
  const systemCode = SystemError.safeParse(error).data?.code
  const status = Answered.safeParse(error).data?.$metadata.httpStatusCode ?? 0
  const code = systemCode ?? error.name
  const passing = systemCode !== undefined || status === 429 || status >= 500 || PASSING.test(code)
  return { type: passing ? 'unavailable' : 'refused', code, message: error.message || code }
}
