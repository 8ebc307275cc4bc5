import { minuteText } from '../../../../../functions/shared/runtime/minute-text.ts'
import type {
  HistoryEvent,
  Put,
  Request,
  SeenBar,
} from '../../../../../bin/embedded/chaos/outside/history.ts'
import { Market } from '../../../../../bin/embedded/chaos/outside/market.ts'

/** A minute, Unix seconds. */
const MINUTE = 1_760_106_720
export const FIRST = minuteText(MINUTE)
export const SECOND = minuteText(MINUTE + 60)
export const THIRD = minuteText(MINUTE + 120)

/** The history's clock, milliseconds after the beginning. */
const BEGIN = 1_800_000_000_000
export const at = (milliseconds: number): number => BEGIN + milliseconds

/** A put of one trade, so many seconds into the first minute, on a line that counts. */
export function put(id: number, second: number, others: Partial<Put> = {}): Put {
  return {
    type: 'put',
    symbol: 'AAPL',
    outcome: 'acknowledged',
    sentAt: at(100 * second),
    answeredAt: at(100 * second + 10),
    attempts: 1,
    trades: [[`${MINUTE + second}.000000000`, `${100 + id}`, '1', id]],
    ...others,
  }
}

/** Five trades of three minutes; of the first minute number 2 comes late, after the trade 4 of the second one. */
export const PUTS: readonly Put[] = [
  put(1, 0),
  put(3, 30),
  put(4, 65),
  put(2, 10, { sentAt: at(7000), answeredAt: at(7010) }),
  put(5, 130),
]
const MARKET = new Market(PUTS)

/** The bar of the first trades of a minute. */
export function bar(timestamp: string, trades: number, others: Partial<SeenBar> = {}): SeenBar {
  const fold = MARKET.fold({ symbol: 'AAPL', timestamp }, trades)
  if (fold === undefined) throw new Error(`${timestamp} has no ${trades} trades`)
  const { start: _, ...values } = fold
  return { symbol: 'AAPL', timestamp, revision: 1, complete: true, withdrawn: false, ...values, ...others }
}

/** The first minute without its late trade, with it, and the others. */
export const LACKING = bar(FIRST, 2, { complete: false })
export const CORRECTED = bar(FIRST, 3, { revision: 2 })
export const NEXT = bar(SECOND, 1)
export const LAST = bar(THIRD, 1)

export function subscribed(connection: number, milliseconds: number): HistoryEvent {
  return { type: 'subscribed', connection, client: connection, symbols: ['AAPL'], at: at(milliseconds) }
}

export function received(connection: number, milliseconds: number, ...bars: SeenBar[]): HistoryEvent {
  return { type: 'received', connection, at: at(milliseconds), bars }
}

export const SPAN = { symbol: 'AAPL', start: FIRST, end: THIRD } as const

/** An answer to what was asked for a millisecond before. */
export function answered(milliseconds: number, request: Request, ...bars: SeenBar[]): HistoryEvent {
  const times = { sentAt: at(milliseconds - 1), answeredAt: at(milliseconds) }
  return { type: 'answered', client: 1, request, ...times, status: 200, bars }
}

/** What a reader finds once everything has been done. */
export function readAtTheEnd(bars: readonly SeenBar[], revisions: readonly SeenBar[]): HistoryEvent[] {
  return [
    { type: 'settled', at: at(20_000) },
    answered(20_002, { kind: 'bars', ...SPAN }, ...bars),
    answered(20_004, { kind: 'revisions', ...SPAN }, ...revisions),
  ]
}

/** A history in which everything is right. */
export const RIGHT: readonly HistoryEvent[] = [
  ...PUTS,
  subscribed(1, -10),
  received(1, 6600, LACKING),
  answered(6700, { kind: 'bars', ...SPAN }, LACKING),
  received(1, 7100, CORRECTED),
  answered(7200, { kind: 'bars', ...SPAN }, CORRECTED),
  answered(7300, { kind: 'latest', symbols: ['AAPL'] }, CORRECTED),
  received(1, 13_100, NEXT),
  received(1, 15_000, LAST),
  ...readAtTheEnd([CORRECTED, NEXT, LAST], [LACKING, CORRECTED]),
]
