import { createActiveRules } from '../../../functions/alerter/active-rules.ts'
import { type Alerter, createAlerter } from '../../../functions/alerter/alerter.ts'
import { createLedger, type Ledger } from '../../../functions/alerter/ledger.ts'
import { manageAlerts, type ManagedAlerts } from '../../../functions/alerter/manage-alerts.ts'
import { createWebhook } from '../../../functions/alerter/post-webhook.ts'
import type { Publish } from '../../../functions/alerter/publish.ts'
import { createRuleStore } from '../../../functions/alerter/rule-store.ts'
import { createSend } from '../../../functions/alerter/send.ts'
import { createSymbolStore } from '../../../functions/alerter/symbol-store.ts'
import { parseTradingHours } from '../../../functions/shared/runtime/trading-hours.ts'
import { type Received, type Receiver, startReceiver } from '../../../bin/stage/alerts/receive.ts'
import { kinesisRecord } from '../../support/kinesis-event.ts'
import type { TestDynamodb } from '../../support/test-dynamodb.ts'

/** 2025-11-10T17:24:00Z */
export const T = 1_762_795_440

/** Alerts over a table of their own, and a clock that only this test moves. */
export type AlertsWorld = {
  readonly alerts: ManagedAlerts
  readonly ledger: Ledger
  readonly alerter: Alerter
  /** Name of the table. */
  readonly table: string
  /** Unix milliseconds. */
  now: number
  /** An alerter that shares the table. */
  another(): Alerter
}

export async function newAlertsWorld(
  dynamodb: TestDynamodb,
  hours = 'always',
  publish?: Publish,
): Promise<AlertsWorld> {
  const table = await dynamodb.createTable('kind', 'id')
  const clock = { now: (T + 120) * 1000 }
  const now = () => clock.now
  const { client } = dynamodb
  const partsOf = () => {
    const rules = createRuleStore(client, table)
    const ledger = createLedger(client, table, now)
    const send = createSend({ post: createWebhook('allowed', now), publish })
    const start = async () => {}
    const alerter = createAlerter(
      {
        rules,
        ledger,
        send,
        start,
        now,
        active: createActiveRules(rules, now),
        symbols: createSymbolStore(client, table),
        hours: parseTradingHours(hours),
      },
      { measure: () => {}, logger: { warn: () => {}, error: () => {} } },
    )
    const limits = {
      indicators: ['rsi_14', 'ema_5'],
      patterns: ['hammer', 'doji'],
      privateAddresses: 'allowed',
      topic: publish === undefined ? 'none' : 'there',
    } as const
    return { ledger, alerter, alerts: manageAlerts({ rules, ledger, send, start, now, limits }) }
  }
  return Object.assign(clock, {
    ...partsOf(),
    table,
    another: () => partsOf().alerter,
  })
}

/** A bar of the minute so many after T. */
export function bar(minute: number, close: string, revision = 1, symbol = 'AAPL') {
  const timestamp = minuteOf(minute)
  const values = { open: close, high: close, low: close, close, volume: '1', vwap: close, trade_count: 1 }
  return { type: 'bar', symbol, timestamp, timeframe: '1Min', revision, ...values, closed_at: 1 }
}

export function indicators(minute: number, values: Readonly<Record<string, number>>, revision = 1) {
  const timestamp = minuteOf(minute)
  const computed = { calculated_at: 1, closed_at: 1 }
  return { type: 'indicators', symbol: 'AAPL', timestamp, timeframe: '1Min', revision, ...computed, values }
}

export function minuteOf(minute: number): string {
  return `${new Date((T + minute * 60) * 1000).toISOString().slice(0, 19)}Z`
}

/** A batch of a stream, as Lambda delivers it. */
export function eventOf(
  ...records: readonly { readonly symbol: string; readonly [field: string]: unknown }[]
) {
  return {
    Records: records.map((record, sequence) =>
      kinesisRecord({
        data: JSON.stringify(record),
        partitionKey: record.symbol,
        sequence,
        arrivedAt: T * 1000,
      }),
    ),
  }
}

/** A receiver, and what it has had. */
export async function receiverOf(
  world: Pick<AlertsWorld, 'now'>,
  secret: string,
  port: number,
): Promise<Receiver & { readonly received: Received[] }> {
  const received: Received[] = []
  const options = { secret, port, now: () => world.now }
  const receiver = await startReceiver(options, (each) => void received.push(each))
  return { ...receiver, received }
}

/** What a message says, in short. */
export function said({ body }: Received): string {
  const { data } = JSON.parse(body)
  return `${data.symbol} ${data.minute} ${data.revision} ${JSON.stringify(data.values)}`
}
