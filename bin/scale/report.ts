import type { Config } from '../../lib/config/config.ts'
import type { Bill } from '../cost/bill.ts'
import { dollars, nameOf, rounded, table } from '../cost/report.ts'
import type { Latency } from './latency.ts'
import { LIMITS } from './limits.ts'
import type { Audience, Share } from './loads.ts'

/** What becomes of a load. */
export type Scaled = {
  readonly bill: Bill
  /** With the config as it is. */
  readonly shares: readonly Share[]
  /** What carries it. */
  readonly settings: Readonly<Record<string, number>>
  /** Limits that it reaches even then. */
  readonly left: readonly Share[]
  readonly audience: Audience
  readonly latencies: Readonly<Record<'lowest' | 'low' | 'economy', Latency>>
}

const SHOWN = 4

/** The report as Markdown. */
export function scaleReportOf({ stage }: Config, scaled: readonly Scaled[]): string {
  return [
    `Stage ${stage}, limits of ${LIMITS.asOf}. With the settings as they are, the nearest limits of each load:`,
    table(
      ['load', 'limit', 'used', 'allowed', 'of it', 'what carries more'],
      scaled.flatMap(({ bill, shares }) =>
        shares.slice(0, SHOWN).map((share) => [nameOf(bill), ...cellsOf(share)]),
      ),
    ),
    'Settings that carry it, and its cost with them:',
    table(
      ['load', 'settings', 'dollars per month'],
      scaled.map(({ bill, settings }) => [
        nameOf(bill),
        Object.entries(settings)
          .map(([name, value]) => `\`${name}=${value}\``)
          .join(' '),
        dollars(bill.total),
      ]),
    ),
    'Limits that it reaches even then:',
    table(
      ['load', 'limit', 'used', 'allowed', 'of it', 'what carries more'],
      scaled.flatMap(({ bill, left }) =>
        left.length === 0
          ? [[nameOf(bill), 'none', '', '', '', '']]
          : left.map((share) => [nameOf(bill), ...cellsOf(share)]),
      ),
    ),
    'Seconds from the trade that closes a bar to its row, with these settings:',
    table(
      ['load', 'latency', 'p50', 'p99', 'most'],
      scaled.flatMap(({ bill, latencies }) =>
        Object.entries(latencies).map(([name, { p50, p99, most }]) => [
          nameOf(bill),
          `\`${name}\``,
          ...[p50, p99, most].map((seconds) => seconds.toFixed(2)),
        ]),
      ),
    ),
    'What is stored, and WebSocket clients that subscribe to all symbols:',
    table(
      [
        'load',
        'GiB of Postgres a day',
        'GB of the archive a month',
        'clients at the most',
        'dollars a month of each',
      ],
      scaled.map(({ bill, audience }) => [
        nameOf(bill),
        rounded(bill.storage.dailyGib),
        rounded((bill.usage.archiveBytes * 2_628_000) / 1e9),
        audience.clients.toLocaleString('en'),
        dollars(audience.dollarsOfEach),
      ]),
    ),
  ].join('\n\n')
}

function cellsOf({ limit, used, allowed, unit, remedy }: Share): string[] {
  const share = (100 * used) / allowed
  return [
    limit,
    rounded(used),
    `${allowed.toLocaleString('en')} ${unit}`,
    `${share < 10 ? share.toFixed(1) : Math.round(share).toLocaleString('en')} %`,
    remedy,
  ]
}
