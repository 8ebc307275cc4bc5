import { Duration } from 'aws-cdk-lib'
import {
  type AlarmBase,
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IMetric,
  type IWidget,
  MathExpression,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch'
import type { ITableV2 } from 'aws-cdk-lib/aws-dynamodb'
import type { DatabaseInstance } from 'aws-cdk-lib/aws-rds'
import type { Construct } from 'constructs'

import { nameOf } from '../functions/shared/runtime/deployment-name.ts'
import type { Config } from './config/config.ts'
import { partMetric } from './metrics.ts'
import type { Part } from './part.ts'
import type { Streams } from './streams.ts'

const PERIOD = { period: Duration.minutes(1) }
const WIDTH = 24
/** A graph with a legend is unreadable below a third of the page's width. */
const GRAPHS_IN_A_ROW = 3

export type DashboardProps = {
  readonly config: Config
  readonly parts: readonly Part[]
  readonly alarms: readonly AlarmBase[]
  /** The database of the stack; none where it is somebody else's. */
  readonly instance: DatabaseInstance | undefined
  readonly streams: Streams
  readonly minuteState: ITableV2
  readonly indicatorState: ITableV2
}

type Graph = { readonly title: string; readonly left: IMetric[] }

/** One glance: is it healthy, is it late, is it losing anything, what does it cost. */
export function createDashboard(scope: Construct, props: DashboardProps): Dashboard {
  const { config, alarms } = props
  return new Dashboard(scope, 'Dashboard', {
    dashboardName: nameOf(config),
    defaultInterval: Duration.hours(3),
    widgets: [
      [new AlarmStatusWidget({ title: 'Is it healthy?', alarms: [...alarms], width: WIDTH, height: 4 })],
      ...section('Is it late?', isItLate(props)),
      ...section('Is it losing anything?', isItLosing(props)),
      ...section('What does it do?', whatDoesItDo(props)),
      ...section('What does it cost? (prices: docs/cost.md)', whatDoesItCost(props)),
    ],
  })
}

function isItLate({ config, parts }: DashboardProps): Graph[] {
  return [
    graph('From a bar’s close to its row (ms)', [
      partMetric(config, 'bar-writer', { name: 'BarLatency', statistic: 'p50', label: 'p50' }),
      partMetric(config, 'bar-writer', { name: 'BarLatency', statistic: 'p99', label: 'p99' }),
      partMetric(config, 'bar-writer', { name: 'SignalLatency', statistic: 'p99', label: 'signals p99' }),
    ]),
    ...whereIs(parts, 'broadcaster', [
      graph('From a bar’s close to its WebSocket clients (ms)', [
        partMetric(config, 'broadcaster', { name: 'BroadcastLatency', statistic: 'p50', label: 'p50' }),
        partMetric(config, 'broadcaster', { name: 'BroadcastLatency', statistic: 'p99', label: 'p99' }),
      ]),
    ]),
    graph(
      'How far consumers are behind (ms)',
      parts.map(({ function: fn }) =>
        fn.metric('IteratorAge', { ...PERIOD, statistic: 'Maximum', label: fn.part }),
      ),
    ),
  ]
}

function isItLosing({ config, parts }: DashboardProps): Graph[] {
  return [
    graph('Refused, with a reason in the dead-letter bucket', [
      partMetric(config, 'aggregator', { name: 'TicksRejected' }),
      partMetric(config, 'bar-writer', { name: 'BarsRefused' }),
      partMetric(config, 'aggregator', { name: 'ReadFaults', label: 'unread by our own fault' }),
    ]),
    graph(
      'Errors and throttles',
      parts.flatMap(({ function: fn }) => [
        fn.metricErrors({ ...PERIOD, label: `${fn.part} errors` }),
        fn.metricThrottles({ ...PERIOD, label: `${fn.part} throttles` }),
      ]),
    ),
  ]
}

function whatDoesItDo({ config, parts, instance }: DashboardProps): Graph[] {
  return [
    graph('Ticks a minute', [
      partMetric(config, 'aggregator', { name: 'TicksProcessed', label: 'applied' }),
      partMetric(config, 'aggregator', { name: 'TicksLate', label: 'late' }),
      partMetric(config, 'aggregator', { name: 'TicksDuplicate', label: 'again' }),
      partMetric(config, 'aggregator', { name: 'TicksMissing', label: 'missing' }),
    ]),
    graph('Bars a minute', [
      partMetric(config, 'aggregator', { name: 'BarsCompleted', label: 'closed by ticks' }),
      partMetric(config, 'sweeper', { name: 'BarsCompleted', label: 'closed by the clock' }),
      partMetric(config, 'aggregator', { name: 'BarsRevised', label: 'revised' }),
      partMetric(config, 'aggregator', { name: 'BarsIncomplete', label: 'incomplete' }),
      partMetric(config, 'bar-writer', { name: 'BarsWritten', label: 'written' }),
    ]),
    graph('Signals a minute', [
      partMetric(config, 'analytics', { name: 'IndicatorsCalculated', label: 'values' }),
      partMetric(config, 'analytics', { name: 'PatternsDetected', label: 'patterns' }),
      partMetric(config, 'analytics', { name: 'BarsSettled', label: 'bars too old to change any' }),
    ]),
    ...whereIs(parts, 'archiver', [
      graph('Archive (a minute)', [
        partMetric(config, 'archiver', { name: 'TicksArchived', label: 'trades' }),
        partMetric(config, 'archiver', { name: 'ObjectsArchived', label: 'objects' }),
      ]),
    ]),
    graph('States met by another writer', [
      partMetric(config, 'aggregator', { name: 'StatesStale', label: 'kept too long (usual)' }),
      partMetric(config, 'aggregator', { name: 'StateConflicts', label: 'conflicts of the aggregator' }),
      partMetric(config, 'sweeper', { name: 'StateConflicts', label: 'conflicts of the sweeper' }),
      partMetric(config, 'analytics', { name: 'StateConflicts', label: 'conflicts of the analytics' }),
    ]),
    ...whereIs(parts, 'broadcaster', [
      graph('WebSocket', [
        partMetric(config, 'broadcaster', { name: 'Connections', statistic: 'Maximum' }),
        partMetric(config, 'broadcaster', { name: 'MessagesSent', label: 'messages a minute' }),
        partMetric(config, 'broadcaster', { name: 'PostsFailed', label: 'failed' }),
      ]),
    ]),
    ...(instance === undefined ? [] : ofDatabase(instance)),
  ]
}

function ofDatabase(instance: DatabaseInstance): Graph[] {
  return [
    graph('Database', [
      instance.metricCPUUtilization({ ...PERIOD, label: 'CPU (%)' }),
      instance.metricDatabaseConnections({ ...PERIOD, label: 'connections' }),
    ]),
    graph('Free storage (GiB)', [
      new MathExpression({
        expression: 'free / 1073741824',
        usingMetrics: { free: instance.metricFreeStorageSpace(PERIOD) },
        label: 'free',
        ...PERIOD,
      }),
    ]),
  ]
}

function whatDoesItCost({ parts, streams, minuteState, indicatorState }: DashboardProps): Graph[] {
  return [
    graph(
      'Lambda (s of compute a minute)',
      parts.map(({ function: fn }, index) => {
        const id = `duration${index}`
        return new MathExpression({
          expression: `${id} / 1000`,
          usingMetrics: { [id]: fn.metricDuration({ ...PERIOD, statistic: 'Sum' }) },
          label: fn.part,
          ...PERIOD,
        })
      }),
    ),
    graph('Kinesis (records a minute)', [
      streams.ticks.metricIncomingRecords({ ...PERIOD, statistic: 'Sum', label: 'ticks' }),
      streams.bars.metricIncomingRecords({ ...PERIOD, statistic: 'Sum', label: 'bars' }),
      streams.signals.metricIncomingRecords({ ...PERIOD, statistic: 'Sum', label: 'signals' }),
    ]),
    graph('DynamoDB (units a minute)', [
      minuteState.metricConsumedWriteCapacityUnits({ ...PERIOD, label: 'minutes written' }),
      minuteState.metricConsumedReadCapacityUnits({ ...PERIOD, label: 'minutes read' }),
      indicatorState.metricConsumedWriteCapacityUnits({ ...PERIOD, label: 'indicators written' }),
      indicatorState.metricConsumedReadCapacityUnits({ ...PERIOD, label: 'indicators read' }),
    ]),
  ]
}

/** The graphs that exist only with a part. */
function whereIs(
  parts: readonly Part[],
  name: 'archiver' | 'broadcaster',
  graphs: readonly Graph[],
): readonly Graph[] {
  return parts.some(({ function: fn }) => fn.part === name) ? graphs : []
}

function graph(title: string, left: IMetric[]): Graph {
  return { title, left }
}

/** A heading over rows of graphs; CloudWatch allows whole columns only, as a third, a half and the whole are. */
function section(question: string, graphs: readonly Graph[]): IWidget[][] {
  const rows: IWidget[][] = []
  for (let at = 0; at < graphs.length; at += GRAPHS_IN_A_ROW) {
    const row = graphs.slice(at, at + GRAPHS_IN_A_ROW)
    const size = { width: WIDTH / row.length, height: 6 }
    rows.push(row.map((each) => new GraphWidget({ ...each, ...size, leftYAxis: { min: 0 } })))
  }
  return [[new TextWidget({ markdown: `## ${question}`, width: WIDTH, height: 1 })], ...rows]
}
