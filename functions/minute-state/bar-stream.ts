import { type Bar, barOf } from '../domain/bar.ts'
import { numberText } from '../domain/decimal.ts'
import type { PendingBar } from '../domain/minute-state.ts'
import { minuteText } from '../shared/runtime/minute-text.ts'
import { putLines } from '../shared/streams/lines.ts'
import type { PutOptions, PutRecords } from '../shared/streams/put-in-order.ts'

/** Emits completed bars, each symbol's in order, several to a record; resolves when they are on the stream. */
export type BarSink = (bars: ReadonlyMap<string, readonly PendingBar[]>) => Promise<void>

/** The stream `bars` as a sink. @param options.backOff as of `putInOrder` */
export function createBarStream(
  put: PutRecords,
  stream: string,
  options: Pick<PutOptions, 'backOff'> = {},
): BarSink {
  return async (bars) => {
    const texts = new Map(
      [...bars].map(([symbol, pending]) => [
        symbol,
        pending.map(({ builder, closedAt }) => barText(barOf(symbol, builder, { closedAt }))),
      ]),
    )
    await putLines(put, stream, texts, options)
  }
}

/**
 * The JSON text of a bar as a record of the stream (`barRecordSchema`). Written by hand, which is several times as fast as
 * `JSON.stringify`: only a symbol needs escaping.
 */
export function barText(bar: Bar): string {
  const vwap = bar.vwap === null ? 'null' : `"${bar.vwap}"`
  return (
    `{"type":"bar","symbol":${JSON.stringify(bar.symbol)},"timestamp":"${minuteText(bar.start)}","timeframe":"1Min"` +
    `,"revision":${bar.revision},"open":"${bar.open}","high":"${bar.high}","low":"${bar.low}","close":"${bar.close}"` +
    `,"volume":"${bar.volume}","notional":"${bar.notional}","vwap":${vwap},"trade_count":${bar.tradeCount}` +
    `,"complete":${bar.complete}${bar.withdrawn ? ',"withdrawn":true' : ''},"closed_at":${numberText(bar.closedAt)}}`
  )
}
