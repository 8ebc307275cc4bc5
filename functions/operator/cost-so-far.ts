import type { CloudWatchClient, MetricDataQuery } from '@aws-sdk/client-cloudwatch'

import { PRICES } from '../shared/cost/prices.ts'
import { readMetricData } from './metric-data.ts'

/** What a stage has cost, estimated; null where it cannot be. The note says of what it is, or why there is none. */
export type CostSoFar = { readonly usd: number | null; readonly note: string }

export type CostOptions = {
  /** What the names of functions begin with. */
  readonly deployment: string
  readonly namespace: string
  /** Memory of each function by its part, in MB. */
  readonly functions: ReadonlyMap<string, number>
  readonly streamMode: 'provisioned' | 'on-demand'
  /** What costs money even when idle, in dollars per hour; undefined where the instance of the database has no price. */
  readonly standing: number | undefined
  /** Unix milliseconds. */
  readonly now: () => number
}

/** CloudWatch bills each reading. */
const KEPT_MS = 15 * 60_000
const HOUR_MS = 3_600_000
const DAY_SECONDS = 86_400

const STREAMS = ['ticks', 'bars', 'signals']
const TABLES = [
  'minute-state',
  'indicator-state',
  'connections',
  'subscribers',
  'jobs',
  'alerts',
  'actions',
  'tickets',
  'venue-places',
]
/** What Kinesis counts as one put, and DynamoDB and on-demand streams as the least, in bytes. */
const PUT_UNIT_BYTES = 25 * 1024
const LEAST_RECORD_BYTES = 1024
/** The sweeper runs each minute, and so tells for how long the stage has been there. */
const SWEEPS_PER_HOUR = 60

/** Estimates the cost of this month, read again after a quarter of an hour. */
export function createCostSoFar(
  client: Pick<CloudWatchClient, 'send'>,
  options: CostOptions,
): () => Promise<CostSoFar> {
  let kept: { readonly at: number; readonly cost: Promise<CostSoFar> } | undefined
  return async () => {
    const at = options.now()
    if (kept !== undefined && at - kept.at < KEPT_MS) return await kept.cost
    const cost = estimate(client, options)
    kept = { at, cost }
    cost.catch(() => {
      kept = undefined
    })
    return await cost
  }
}

async function estimate(client: Pick<CloudWatchClient, 'send'>, options: CostOptions): Promise<CostSoFar> {
  const { standing } = options
  if (standing === undefined)
    return {
      usd: null,
      note: 'The cost is not known: functions/shared/cost/prices.ts has no price for the instance of the database.',
    }
  const to = options.now()
  const from = startOfMonth(to)
  const series = await readMetricData(client, queriesOf(options), { from, to })
  const sum = (id: string): number => (series.get(id) ?? []).reduce((total, { value }) => total + value, 0)
  const hours = Math.min((to - from) / HOUR_MS, sum(`calls_${idOf('sweeper')}`) / SWEEPS_PER_HOUR)
  return {
    usd: standing * hours + usedCost(options, sum),
    note: noteOf(from),
  }
}

function noteOf(from: number): string {
  const since = new Date(from).toISOString().slice(0, 10)
  return `Cost so far is an estimate since ${since} (UTC), at prices of ${PRICES.asOf} in ${PRICES.region}: what runs all the time, and what functions, tables, streams, requests and messages have used. It leaves out stored bars and objects beyond the first storage of the database, logs, traces, CloudFront, data transfer and tax.`
}

/** What was used, at its prices. */
function usedCost({ functions, streamMode }: CostOptions, sum: (id: string) => number): number {
  const { lambda, dynamodb, kinesis, apiGateway, s3 } = PRICES
  const ofFunctions = [...functions].map(([part, megabytes]) => {
    const gbSeconds = (sum(`ms_${idOf(part)}`) / 1000) * (megabytes / 1024)
    return perMillion(sum(`calls_${idOf(part)}`), lambda.millionRequests) + gbSeconds * lambda.gbSecond
  })
  const ofTables = TABLES.map(
    (table) =>
      perMillion(sum(`writes_${idOf(table)}`), dynamodb.millionWrites) +
      perMillion(sum(`reads_${idOf(table)}`), dynamodb.millionReads),
  )
  const ofStreams = STREAMS.map((stream) => {
    const [records, bytes] = [sum(`records_${stream}`), sum(`bytes_${stream}`)]
    if (streamMode === 'provisioned')
      return perMillion(Math.max(records, bytes / PUT_UNIT_BYTES), kinesis.millionPutUnits)
    const put = Math.max(bytes, records * LEAST_RECORD_BYTES)
    return (put * kinesis.onDemandInGb + sum(`read_${stream}`) * kinesis.onDemandOutGb) / 1e9
  })
  return (
    [...ofFunctions, ...ofTables, ...ofStreams].reduce((total, dollars) => total + dollars, 0) +
    perMillion(sum('requests'), apiGateway.millionRequests) +
    perMillion(sum('messages') + sum('live'), apiGateway.millionMessages) +
    perMillion(sum('objects'), s3.millionPuts)
  )
}

function queriesOf({ deployment, namespace, functions, streamMode }: CostOptions): MetricDataQuery[] {
  const own = (part: string) => ({ Namespace: namespace, Dimensions: [{ Name: 'service', Value: part }] })
  const of = (service: string, name: string, value: string) => ({
    Namespace: `AWS/${service}`,
    Dimensions: [{ Name: name, Value: `${deployment}${value}` }],
  })
  return [
    ...[...functions.keys()].flatMap((part) => [
      sumOf(`calls_${idOf(part)}`, of('Lambda', 'FunctionName', `-${part}`), 'Invocations'),
      sumOf(`ms_${idOf(part)}`, of('Lambda', 'FunctionName', `-${part}`), 'Duration'),
    ]),
    ...TABLES.flatMap((table) => [
      sumOf(`writes_${idOf(table)}`, of('DynamoDB', 'TableName', `-${table}`), 'ConsumedWriteCapacityUnits'),
      sumOf(`reads_${idOf(table)}`, of('DynamoDB', 'TableName', `-${table}`), 'ConsumedReadCapacityUnits'),
    ]),
    ...STREAMS.flatMap((stream) => [
      sumOf(`records_${stream}`, of('Kinesis', 'StreamName', `-${stream}`), 'IncomingRecords'),
      sumOf(`bytes_${stream}`, of('Kinesis', 'StreamName', `-${stream}`), 'IncomingBytes'),
      ...(streamMode === 'on-demand'
        ? [sumOf(`read_${stream}`, of('Kinesis', 'StreamName', `-${stream}`), 'GetRecords.Bytes')]
        : []),
    ]),
    sumOf('requests', of('ApiGateway', 'ApiName', ''), 'Count'),
    sumOf('messages', own('broadcaster'), 'MessagesSent'),
    sumOf('live', own('broadcaster'), 'LiveTicksSent'),
    sumOf('objects', own('archiver'), 'ObjectsArchived'),
  ]
}

type Of = {
  readonly Namespace: string
  readonly Dimensions: { readonly Name: string; readonly Value: string }[]
}

function sumOf(id: string, of: Of, metric: string): MetricDataQuery {
  return {
    Id: id,
    MetricStat: { Metric: { ...of, MetricName: metric }, Period: DAY_SECONDS, Stat: 'Sum' },
  }
}

/** An id of a query has no hyphens. */
function idOf(name: string): string {
  return name.replaceAll('-', '_')
}

function perMillion(count: number, price: number): number {
  return (count / 1e6) * price
}

function startOfMonth(time: number): number {
  const date = new Date(time)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1)
}

/** Where there is no CloudWatch. */
export async function noCost(): Promise<CostSoFar> {
  return { usd: null, note: 'The cost is not known: this deployment has no CloudWatch to read from.' }
}
