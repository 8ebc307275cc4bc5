import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { SNSClient } from '@aws-sdk/client-sns'
import type { KinesisStreamEvent } from 'aws-lambda'

import { readAnalysis } from '../shared/runtime/analysis-fields.ts'
import { createSelfCall } from '../shared/runtime/call-itself.ts'
import { parseEnvironment } from '../shared/runtime/environment.ts'
import { LIMITS, limitedHttp } from '../shared/runtime/limited-http.ts'
import { createTelemetry } from '../shared/runtime/telemetry.ts'
import { parseTradingHours } from '../shared/runtime/trading-hours.ts'
import { createActiveRules } from './active-rules.ts'
import { createAlerter } from './alerter.ts'
import { alerterEnvironment } from './env.ts'
import { commandSchema } from './events.ts'
import { createLedger } from './ledger.ts'
import { manageAlerts } from './manage-alerts.ts'
import { createWebhook } from './post-webhook.ts'
import { answerRequest, createRest } from './rest.ts'
import { createPublish } from './publish.ts'
import { createRuleStore } from './rule-store.ts'
import { createSend } from './send.ts'
import { createSymbolStore } from './symbol-store.ts'

const environment = parseEnvironment(alerterEnvironment, process.env)
const { logger, measure } = createTelemetry('alerter')
const { ALERTS_TABLE, ALERT_TOPIC, ACCESS, INDICATORS, PATTERNS } = environment
const dynamodb = new DynamoDBClient({ requestHandler: limitedHttp(LIMITS.dynamodb) })
const privateAddresses = environment.PRIVATE_ADDRESSES === 'on' ? 'allowed' : 'refused'
const rules = createRuleStore(dynamodb, ALERTS_TABLE)
const ledger = createLedger(dynamodb, ALERTS_TABLE, Date.now)
const send = createSend({
  post: createWebhook(privateAddresses, Date.now),
  publish:
    ALERT_TOPIC === ''
      ? undefined
      : createPublish(new SNSClient({ requestHandler: limitedHttp(LIMITS.sns) }), ALERT_TOPIC),
})
const analysis = readAnalysis({ indicators: INDICATORS, patterns: PATTERNS, vwapAnchor: 'UTC 00:00' })
const start = createSelfCall(environment.ALERTER_FUNCTION, { type: 'deliver' }, (error) =>
  logger.warn('alerts are delivered within a minute, not now', { error }),
)
const alerts = manageAlerts({
  rules,
  ledger,
  send,
  limits: {
    indicators: analysis.indicators.flatMap(({ outputs }) => outputs),
    patterns: analysis.patterns.map(({ name }) => name),
    privateAddresses,
    topic: ALERT_TOPIC === '' ? 'none' : 'there',
  },
  start,
  now: Date.now,
})
const rest = createRest({
  alerts,
  access: ACCESS,
  logError: (message, error) => logger.error(message, { error }),
})
const alerter = createAlerter(
  {
    rules,
    active: createActiveRules(rules, Date.now),
    symbols: createSymbolStore(dynamodb, ALERTS_TABLE),
    ledger,
    send,
    hours: parseTradingHours(environment.TRADING_HOURS),
    start,
    now: Date.now,
  },
  { logger, measure: (counts) => measure({ counts, latencies: {} }) },
)

/** Judges a batch of `bars` or `signals`, answers a request to `/v1/alerts`, or delivers what is due. */
export async function handler(event: KinesisStreamEvent | Readonly<Record<string, unknown>>) {
  if (isOfStream(event)) return await alerter.consume(event)
  if ('httpMethod' in event) return await rest(event)
  const command = commandSchema.parse(event)
  switch (command.type) {
    case 'minute':
      return await alerter.minute()
    case 'deliver':
      return await alerter.deliver()
    case 'request':
      return await answerRequest(alerts, { ...command, body: command.body })
    default:
      return command satisfies never
  }
}

function isOfStream(
  event: KinesisStreamEvent | Readonly<Record<string, unknown>>,
): event is KinesisStreamEvent {
  return 'Records' in event
}
