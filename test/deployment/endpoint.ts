import * as z from 'zod'

import { startMiniStack } from './ministack.ts'

/** What an endpoint must do for some check to make sense. */
export type Feature = 'custom resources' | 'partial batch responses' | 'bounded retries' | 'WebSocket APIs'

export type ClientOptions = {
  readonly endpoint: string
  readonly region: string
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string }
}

/** Something that speaks AWS's API and is not AWS. */
export type Endpoint = {
  readonly url: string
  /** Product and version. */
  readonly name: string
  /** What it does not do, and what it does instead. */
  readonly lacks: Readonly<Partial<Record<Feature, string>>>
  /** Variables by which every client, the CDK's command line among them, finds it. */
  readonly environment: Readonly<Record<string, string>>
  /** How the SDK's clients reach it. */
  readonly clientOptions: ClientOptions
  /** Stops it, if it was started here. */
  stop(): Promise<void>
}

const PRODUCTS = [
  {
    product: 'MiniStack',
    health: '/_ministack/health',
    lacks: {
      'partial batch responses': 'it takes a batch that failed in part for done',
      'bounded retries': 'it repeats a failed batch for ever and has no on-failure destination',
    },
  },
  {
    product: 'LocalStack',
    health: '/_localstack/health',
    lacks: {
      'custom resources': 'its free edition accepts them and does nothing',
      'WebSocket APIs': 'its free edition has no API Gateway v2',
    },
  },
] as const satisfies readonly {
  product: string
  health: string
  lacks: Endpoint['lacks']
}[]

const healthSchema = z.object({ version: z.string() })

/** The endpoint that `AWS_ENDPOINT_URL` names, or a MiniStack of our own when it names none. */
export async function openEndpoint(): Promise<Endpoint> {
  const given = process.env['AWS_ENDPOINT_URL']
  const server = given ? { url: given, stop: async () => {} } : await startMiniStack()
  const { url } = server
  const region = process.env['AWS_REGION'] || 'us-east-1'
  return {
    ...server,
    ...(await identify(url)),
    environment: {
      AWS_ENDPOINT_URL: url,
      AWS_ENDPOINT_URL_S3: process.env['AWS_ENDPOINT_URL_S3'] || url,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_REGION: region,
    },
    clientOptions: {
      endpoint: url,
      region,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    },
  }
}

async function identify(url: string): Promise<Pick<Endpoint, 'name' | 'lacks'>> {
  for (const { product, health, lacks } of PRODUCTS) {
    const answer = await fetch(new URL(health, url)).catch((cause: unknown) => {
      throw new Error(`nothing answers at AWS_ENDPOINT_URL ${url}; start it, or unset the variable`, {
        cause,
      })
    })
    const parsed = healthSchema.safeParse(await answer.json().catch(() => undefined))
    if (answer.ok && parsed.success) return { name: `${product} ${parsed.data.version}`, lacks }
  }
  throw new Error(
    `what answers at AWS_ENDPOINT_URL ${url} is neither MiniStack nor LocalStack; unset the variable for a MiniStack of our own`,
  )
}
