import { formatDecimal } from '../domain/decimal.ts'
import type { Rules, TooLate } from '../domain/evolve.ts'
import type { Trade } from '../domain/trade.ts'
import type { RejectedRecord } from '../shared/dead-letters/dead-letters.ts'
import type { Rejection } from '../shared/dead-letters/rejection.ts'
import type { Parsed } from '../shared/streams/consume.ts'
import type { ParsedRecord } from './parse-ticks.ts'

/** The trades that came too late, as rejections of the records that contained them. */
export function lateRecords(
  tooLate: ReadonlyMap<string, readonly TooLate[]>,
  { parsed, rules }: { readonly parsed: readonly Parsed<ParsedRecord>[]; readonly rules: Rules },
): RejectedRecord[] {
  const late = new Map<string, { readonly from: number; readonly rejections: Rejection[] }>()
  for (const [symbol, trades] of tooLate)
    for (const { run, index, behindSeconds } of trades) {
      const trade = run.trades[index]
      if (trade === undefined) continue
      const { from = 0 } = run
      const found = late.get(run.sequenceNumber) ?? { from, rejections: [] }
      found.rejections.push({
        ...lateFault(symbol, behindSeconds, rules),
        index: from + index,
        tick: formatTick(trade),
      })
      late.set(run.sequenceNumber, found)
    }
  return parsed.flatMap(({ record, item }) => {
    const found = late.get(record.kinesis.sequenceNumber)
    if (found === undefined) return []
    const rejections = found.rejections.map((each) => ({
      ...each,
      index: placeInRecord(each.index, item.rejections),
    }))
    return [{ record, from: found.from, rejections }]
  })
}

function lateFault(
  symbol: string,
  behindSeconds: number,
  { latenessSeconds, lateTrades }: Rules,
): Pick<Rejection, 'reason' | 'detail'> {
  const behind = `the trade is ${Math.max(0, behindSeconds).toFixed(3)} s older than the newest trade of ${symbol}, and its bar is closed`
  if (behindSeconds > latenessSeconds)
    return { reason: 'too-late', detail: `${behind}; raise the allowed lateness or send it sooner` }
  return lateTrades === 'refuse'
    ? {
        reason: 'corrections-off',
        detail: `${behind}; turn the flag late-corrections on, and redrive it while it is less than ${latenessSeconds} s behind`,
      }
    : {
        reason: 'too-late',
        detail: `${behind}; the bar was finalized before the allowed lateness was raised, and does not change`,
      }
}

/** The place of a valid trade in its record, given which others of that record were rejected. */
function placeInRecord(index: number | undefined, refused: readonly Rejection[]): number | undefined {
  let place = index
  for (const other of refused) {
    if (place !== undefined && other.index !== undefined && other.index <= place) place++
  }
  return place
}

function formatTick(trade: Trade): string {
  const time = `${trade.seconds}.${String(trade.nanos).padStart(9, '0')}`.replace(/\.?0+$/, '')
  const price = formatDecimal(trade.priceInteger, trade.priceFraction)
  return `[${time},${price},${formatDecimal(trade.volumeInteger, trade.volumeFraction)}]`
}
