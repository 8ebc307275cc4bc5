import { Duration } from 'aws-cdk-lib'
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch'
import type { Construct } from 'constructs'

import { createAlarm } from './alarms.ts'
import type { Config } from './config/config.ts'
import { partMetric } from './metrics.ts'

/** From a trade to its arrival, in milliseconds; beyond it the venue or the feed is late. */
const LATE_MS = 5000
/** Connections made again in a quarter of an hour that are not a passing fault. */
const RECONNECTS = 5

/** The alarms of the venue feed. */
export function venueAlarms(scope: Construct, config: Config): Alarm[] {
  const metric = (name: Parameters<typeof partMetric<'venue-feed'>>[2]['name'], statistic = 'Sum') =>
    partMetric(config, 'venue-feed', { name, statistic })
  return [
    ...createAlarm(scope, config, {
      name: 'venue-feed-down',
      says: 'The venue feed does not run: it has reported nothing for five minutes.',
      metric: metric('TradesPut', 'SampleCount'),
      below: 1,
      periods: [5, 5],
      silence: 'wrong',
    }),
    ...createAlarm(scope, config, {
      name: 'venue-feed-silent',
      says: 'A symbol of a venue has had no trade for ten minutes in which trades are expected.',
      metric: metric('SymbolsSilent', 'Maximum'),
      above: 0,
    }),
    ...createAlarm(scope, config, {
      name: 'venue-feed-reconnects',
      says: `Connections to a venue have been made again more than ${RECONNECTS} times in a quarter of an hour.`,
      metric: metric('Reconnects').with({ period: Duration.minutes(15) }),
      above: RECONNECTS,
      periods: [1, 1],
    }),
    ...createAlarm(scope, config, {
      name: 'venue-feed-missing',
      says: 'Trades are missing that the venue no longer gives.',
      metric: metric('TradesMissing'),
      above: 0,
      periods: [1, 1],
    }),
    ...createAlarm(scope, config, {
      name: 'venue-feed-lag',
      says: `Trades come more than ${LATE_MS / 1000} s after they happened.`,
      metric: metric('VenueLag', 'Maximum'),
      above: LATE_MS,
    }),
  ]
}
