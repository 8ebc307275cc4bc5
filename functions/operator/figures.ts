import type { CloudWatchClient, MetricDataQuery } from '@aws-sdk/client-cloudwatch'

import type { ShownAlarm } from './alarms.ts'
import { readMetricData } from './metric-data.ts'

/** How the pipeline does; null where it is not known. */
export type Figures = {
  /** Which time the counts are of. */
  readonly span: string
  readonly metrics: Readonly<Record<'ticksPerSecond' | Count, number | null>>
  readonly lag: readonly { readonly part: string; readonly ms: number | null; readonly records: null }[]
  readonly latency: { readonly bar: { readonly p50: number | null; readonly p99: number | null } }
  readonly alarms: readonly ShownAlarm[]
}

type Count = 'ticksTotal' | 'late' | 'rejected' | 'duplicates' | 'missing' | 'bars' | 'revised' | 'incomplete'

export type FiguresOptions = {
  /** What the names of functions begin with. */
  readonly deployment: string
  readonly namespace: string
  /** Parts that consume streams. */
  readonly consumers: readonly string[]
  /** Unix milliseconds. */
  readonly now: () => number
}

const MINUTE_MS = 60_000
const SPAN_MINUTES = 60
/** Metrics arrive within minutes: what is newer than this is how things are. */
const RECENT_MINUTES = 5

/** The metric, and the part that counts it. */
const COUNTS: Readonly<Record<Count, readonly [part: string, metric: string]>> = {
  ticksTotal: ['aggregator', 'TicksProcessed'],
  late: ['aggregator', 'TicksLate'],
  rejected: ['aggregator', 'TicksRejected'],
  duplicates: ['aggregator', 'TicksDuplicate'],
  missing: ['aggregator', 'TicksMissing'],
  bars: ['aggregator', 'BarsCompleted'],
  revised: ['aggregator', 'BarsRevised'],
  incomplete: ['aggregator', 'BarsIncomplete'],
}
/** Bars are closed by the clock, too. */
const OF_THE_SWEEPER = { bars: 'BarsCompleted', revised: 'BarsRevised' } as const

/** The figures and alarms that CloudWatch has of a stage; kept for some seconds, since each request is billed. */
export function createFigures(
  client: Pick<CloudWatchClient, 'send'>,
  alarmsOf: () => Promise<readonly ShownAlarm[]>,
  options: FiguresOptions,
): () => Promise<Figures> {
  let kept: { readonly at: number; readonly figures: Promise<Figures> } | undefined
  return async () => {
    const at = options.now()
    if (kept !== undefined && at - kept.at < KEPT_MS) return await kept.figures
    const figures = read(client, alarmsOf, options)
    kept = { at, figures }
    figures.catch(() => {
      kept = undefined
    })
    return await figures
  }
}

const KEPT_MS = 20_000

async function read(
  client: Pick<CloudWatchClient, 'send'>,
  alarmsOf: () => Promise<readonly ShownAlarm[]>,
  options: FiguresOptions,
): Promise<Figures> {
  const to = options.now()
  const span = { from: to - SPAN_MINUTES * MINUTE_MS, to }
  const [series, alarms] = await Promise.all([readMetricData(client, queriesOf(options), span), alarmsOf()])
  const { consumers } = options
  const recent = to - RECENT_MINUTES * MINUTE_MS
  const newest = (id: string): number | null =>
    (series.get(id) ?? []).filter(({ at }) => at >= recent).toSorted((a, b) => b.at - a.at)[0]?.value ?? null
  const sum = (id: string): number => (series.get(id) ?? []).reduce((total, { value }) => total + value, 0)
  const counted = (name: Count): number => sum(name) + sum(`${name}OfSweeper`)
  return {
    span: 'the last hour',
    metrics: {
      ticksPerSecond: perSecond(series.get('ticksTotal') ?? [], options.now()),
      ticksTotal: counted('ticksTotal'),
      late: counted('late'),
      rejected: counted('rejected'),
      duplicates: counted('duplicates'),
      missing: counted('missing'),
      bars: counted('bars'),
      revised: counted('revised'),
      incomplete: counted('incomplete'),
    },
    lag: consumers.map((part, index) => ({ part, ms: newest(`lag${index}`), records: null })),
    latency: { bar: { p50: newest('p50'), p99: newest('p99') } },
    alarms,
  }
}

/** Of the last minute that is over and has come; the one that runs has part of its trades. */
function perSecond(points: readonly { readonly at: number; readonly value: number }[], now: number): number {
  const over = points.filter(({ at }) => at <= now - MINUTE_MS && at >= now - RECENT_MINUTES * MINUTE_MS)
  const [last] = over.toSorted((a, b) => b.at - a.at)
  return (last?.value ?? 0) / 60
}

function queriesOf({ deployment, namespace, consumers }: FiguresOptions): MetricDataQuery[] {
  const ofPart = (id: string, part: string, metric: string, statistic = 'Sum'): MetricDataQuery => ({
    Id: id,
    MetricStat: {
      Metric: {
        Namespace: namespace,
        MetricName: metric,
        Dimensions: [{ Name: 'service', Value: part }],
      },
      Period: 60,
      Stat: statistic,
    },
  })
  return [
    ...Object.entries(COUNTS).map(([id, [part, metric]]) => ofPart(id, part, metric)),
    ...Object.entries(OF_THE_SWEEPER).map(([id, metric]) => ofPart(`${id}OfSweeper`, 'sweeper', metric)),
    ofPart('p50', 'bar-writer', 'BarLatency', 'p50'),
    ofPart('p99', 'bar-writer', 'BarLatency', 'p99'),
    ...consumers.map((part, index) => ({
      Id: `lag${index}`,
      MetricStat: {
        Metric: {
          Namespace: 'AWS/Lambda',
          MetricName: 'IteratorAge',
          Dimensions: [{ Name: 'FunctionName', Value: `${deployment}-${part}` }],
        },
        Period: 60,
        Stat: 'Maximum',
      },
    })),
  ]
}

/** Where there is no CloudWatch: nothing is known. */
export async function noFigures(): Promise<Figures> {
  return {
    span: 'the last hour',
    metrics: {
      ticksPerSecond: null,
      ticksTotal: null,
      late: null,
      rejected: null,
      duplicates: null,
      missing: null,
      bars: null,
      revised: null,
      incomplete: null,
    },
    lag: [],
    latency: { bar: { p50: null, p99: null } },
    alarms: [],
  }
}
