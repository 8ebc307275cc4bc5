import type { KinesisStreamBatchResponse, KinesisStreamEvent } from 'aws-lambda'
import { answer, type HttpServer, startHttpServer } from 'embedded-aws/testing'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import * as z from 'zod'

import { bar } from './bar-writer/bars.ts'
import { kinesisRecord } from '../support/kinesis-event.ts'

type Handler = { readonly handler: (event: KinesisStreamEvent) => Promise<KinesisStreamBatchResponse> }

const T = 1_760_106_720

/** What AWS answers when every flag is on, no symbol is known, and the tables refuse the symbol BAD. */
const ANSWERS: Readonly<Record<string, (body: string) => unknown>> = {
  GetParameters: () => ({ Parameters: [], InvalidParameters: [] }),
  BatchGetItem: () => ({ Responses: {} }),
  BatchExecuteStatement: (body) => ({
    Responses: statementsSchema
      .parse(JSON.parse(body))
      .Statements.map(({ Parameters }) =>
        JSON.stringify(Parameters).includes('"BAD"') ? { Error: { Code: 'ValidationError' } } : {},
      ),
  }),
  PutRecords: (body) => ({
    FailedRecordCount: 0,
    Records: body.match(/PartitionKey/g)?.map(() => SEQUENCED),
  }),
}
const statementsSchema = z.object({ Statements: z.array(z.object({ Parameters: z.unknown() })) })
const SEQUENCED = { SequenceNumber: '1', ShardId: 'shardId-000000000000' }

let aws: HttpServer

beforeAll(async () => {
  aws = await startHttpServer(0, (incoming, outgoing) => {
    void answer(incoming, outgoing, ({ headers, body }) => {
      const operation = String(headers['x-amz-target']).split('.').at(-1) ?? ''
      const answered = ANSWERS[operation]?.(body.toString())
      if (answered !== undefined) return { status: 200, body: JSON.stringify(answered) }
      return { status: 400, body: JSON.stringify({ __type: 'ValidationException', message: operation }) }
    })
  })
  for (const [name, value] of Object.entries({
    AWS_ENDPOINT_URL: aws.endpoint,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    POWERTOOLS_METRICS_NAMESPACE: 'TickStock/test',
    POWERTOOLS_METRICS_DISABLED: 'true',
    POWERTOOLS_LOG_LEVEL: 'SILENT',
    MINUTE_STATE_TABLE: 'minute-state',
    INDICATOR_STATE_TABLE: 'indicator-state',
    BARS_STREAM: 'bars',
    SIGNALS_STREAM: 'signals',
    DEAD_LETTER_BUCKET: 'dead-letters',
    FLAGS_PATH: '/tickstock/test',
    LATENESS_SECONDS: '120',
    GRACE_MS: '2000',
    NON_POSITIVE_PRICES: '',
    INDICATORS: 'sma(2)',
    PATTERNS: 'doji',
    VWAP_ANCHOR: 'UTC 00:00',
  }))
    vi.stubEnv(name, value)
})

afterAll(async () => {
  vi.unstubAllEnvs()
  await aws.close()
})

const tickOf = (symbol: string) => ({ symbol, price: '10', volume: '1', timestamp: T })

describe.each([
  {
    part: 'aggregator',
    load: (): Promise<Handler> => import('../../functions/aggregator/handler.ts'),
    of: tickOf,
  },
  {
    part: 'analytics',
    load: (): Promise<Handler> => import('../../functions/analytics/handler.ts'),
    of: (symbol: string) => bar({ symbol }),
  },
])('the handler of the $part', ({ load, of }) => {
  const eventOf = (symbols: readonly string[]): KinesisStreamEvent => ({
    Records: symbols.map((symbol, sequence) =>
      kinesisRecord({
        data: JSON.stringify(of(symbol)),
        partitionKey: symbol,
        sequence,
        arrivedAt: (T + 1) * 1000,
      }),
    ),
  })

  it('tells Lambda the first record that it could not handle', async () => {
    const { handler } = await load()
    const event = eventOf(['GOOD', 'BAD', 'OTHER', 'BAD'])
    expect(await handler(event)).toEqual({
      batchItemFailures: [{ itemIdentifier: event.Records[1]?.kinesis.sequenceNumber }],
    })
  })

  it('tells it of none when there is none', async () => {
    const { handler } = await load()
    expect(await handler(eventOf(['FINE', 'WELL']))).toEqual({ batchItemFailures: [] })
  })
})
