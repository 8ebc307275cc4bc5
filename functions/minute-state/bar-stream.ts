import { type Bar, barOf } from '../domain/bar.ts'
import type { PendingBar } from '../domain/minute-state.ts'
import { type PutOptions, type PutRecords, putInOrder } from '../shared/streams/put-in-order.ts'
import type { BarRecord } from '../shared/streams/records.ts'

/** Emits completed bars, each symbol's in order; resolves when they are on the stream. */
export type BarSink = (bars: ReadonlyMap<string, readonly PendingBar[]>) => Promise<void>

/** The stream `bars` as a sink. @param options.backOff as of `putInOrder` */
export function createBarStream(
  put: PutRecords,
  stream: string,
  options: Pick<PutOptions, 'backOff'> = {},
): BarSink {
  return async (bars) => {
    const queues = new Map<string, string[]>()
    for (const [symbol, pending] of bars)
      queues.set(
        symbol,
        pending.map(({ builder, closedAt }) =>
          JSON.stringify(toBarRecord(barOf(symbol, builder, { closedAt }))),
        ),
      )
    await putInOrder(put, stream, queues, options)
  }
}

/** A bar as a record of the stream. */
export function toBarRecord(bar: Bar): BarRecord {
  return {
    type: 'bar',
    symbol: bar.symbol,
    timestamp: new Date(bar.start * 1000).toISOString().replace('.000Z', 'Z'),
    timeframe: '1Min',
    revision: bar.revision,
    open: bar.open,
    high: bar.high,
    low: bar.low,
    close: bar.close,
    volume: bar.volume,
    notional: bar.notional,
    vwap: bar.vwap,
    trade_count: bar.tradeCount,
    complete: bar.complete,
    closed_at: bar.closedAt,
  }
}
