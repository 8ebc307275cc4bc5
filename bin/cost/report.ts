import type { Config } from '../../lib/config/config.ts'
import type { Bill } from './bill.ts'
import { PRICES } from '../../functions/shared/cost/prices.ts'

/** The bills of one load, by the config's `latency`. */
export type Comparison = { readonly low: Bill; readonly economy: Bill; readonly lowest: Bill }

/** The bill of a load by how the feed writes it. */
type Written = { readonly how: string; readonly bill: Bill }

type Cell = string | number

/** The report as Markdown: totals, the services, and the quantities they are based on. */
export function reportOf(
  { stage, region }: Config,
  comparisons: readonly Comparison[],
  written: readonly Written[],
): string {
  const bills = comparisons.flatMap(({ low, economy }) => [low, economy])
  const names = comparisons.flatMap(({ low }) => [`${nameOf(low)}, low`, `${nameOf(low)}, economy`])
  const services = new Set(bills.flatMap((bill) => [...bill.services.keys()]))
  const elsewhere = region === PRICES.region ? '' : ` Stage ${stage} is in ${region}, where prices differ.`
  return [
    `US dollars per month, ${PRICES.region}, prices of ${PRICES.asOf}.${elsewhere}`,
    table(
      ['load', 'latency', 'per month', 'per million trades', 'largest share'],
      comparisons.flatMap(({ low, economy }) => [
        [nameOf(low), 'low', ...totals(low)],
        [nameOf(economy), 'economy', ...totals(economy)],
      ]),
    ),
    table(
      ['service', ...names],
      [...services].map((name) => [name, ...bills.map((bill) => dollars(bill.services.get(name) ?? 0))]),
    ),
    table(
      ['based on', ...names],
      [
        ['shards of `ticks`', ...bills.map(({ usage }) => usage.tickShards)],
        ['records put per second', ...bills.map(({ usage }) => rounded(usage.tickRecords))],
        ['aggregator invocations per second', ...bills.map(({ usage }) => callsOf(usage, 'aggregator'))],
        ['DynamoDB write units per second', ...bills.map(({ usage }) => rounded(usage.stateWrites))],
        ['shards of `bars` and `signals`', ...bills.map(({ usage }) => usage.barShards + usage.signalShards)],
        ['bars per minute', ...bills.map(({ usage }) => rounded(usage.bars * 60))],
        ['WebSocket messages per second', ...bills.map(({ usage }) => rounded(usage.messages))],
        ['objects archived per minute', ...bills.map(({ usage }) => rounded(usage.archiveObjects * 60))],
        [
          'GB archived per month',
          ...bills.map(({ usage }) => rounded((usage.archiveBytes * 2_628_000) / 1e9)),
        ],
        ['GiB of database storage, billed', ...bills.map(({ storage }) => rounded(storage.billedGib))],
        ['GiB after `barRetentionDays`', ...bills.map(({ storage }) => rounded(storage.keptGib))],
        [
          'days until storage is at its limit',
          ...bills.map(({ storage: { daysUntilFull } }) =>
            daysUntilFull === undefined ? 'never' : rounded(daysUntilFull),
          ),
        ],
      ],
    ),
    table(
      ['latency `lowest`', 'Kinesis', 'per month', 'more than `low`'],
      comparisons.map(({ low, lowest }) => [
        nameOf(lowest),
        dollars(lowest.services.get('Kinesis') ?? 0),
        dollars(lowest.total),
        dollars(lowest.total - low.total),
      ]),
    ),
    table(
      [
        `records of \`ticks\`, ${written[0] === undefined ? '' : nameOf(written[0].bill)}`,
        'MB per second',
        'shards',
        'Kinesis',
        'per month',
        'per million trades',
      ],
      written.map(({ how, bill }) => [
        how,
        rounded(bill.usage.tickBytes / 1e6),
        bill.usage.tickShards,
        dollars(bill.services.get('Kinesis') ?? 0),
        dollars(bill.total),
        perMillion(bill),
      ]),
    ),
  ].join('\n\n')
}

export function nameOf({ load }: Bill): string {
  return `${load.symbols.toLocaleString('en')} × ${load.ticksPerSecond}/s`
}

function totals(bill: Bill): Cell[] {
  const { total, services } = bill
  const [[name, most] = ['', 0]] = services
  return [dollars(total), perMillion(bill), `${name} (${Math.round((100 * most) / total)} %)`]
}

function perMillion({ perMillionTicks }: Bill): string {
  return perMillionTicks.toFixed(perMillionTicks < 0.1 ? 4 : 2)
}

function callsOf({ functions }: Bill['usage'], name: string): string {
  return rounded(functions[name]?.invocations ?? 0)
}

export function dollars(amount: number): string {
  return amount < 100 ? amount.toFixed(2) : Math.round(amount).toLocaleString('en')
}

export function rounded(amount: number): string {
  return amount < 10 ? String(Number(amount.toFixed(1))) : Math.round(amount).toLocaleString('en')
}

/** A table as oxfmt would write it. */
export function table(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const lines = [head, ...rows].map((cells) => cells.map(String))
  const widths = head.map((_cell, column) => Math.max(...lines.map((cells) => cells[column]?.length ?? 0)))
  const write = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  const rule = widths.map((width) => '-'.repeat(width))
  const [first = [], ...rest] = lines
  return [write(first), write(rule), ...rest.map(write)].join('\n')
}
