import type { History, SeenBar } from './history.ts'

/** A revision in the eyes of a client. */
export type Sight = {
  readonly bar: SeenBar
  /** When it had come. */
  readonly at: number
  /** `client 2 over WebSocket`. */
  readonly by: string
}

/** All that clients saw, the earliest first. Decimals lose the zeros at their end: REST shows those of the database. */
export function sightsOf({ connections, answers }: History): Sight[] {
  return [
    ...connections.flatMap(({ client, received }) =>
      received.map(({ bar, at }) => ({ bar: trimmed(bar), at, by: `client ${client} over WebSocket` })),
    ),
    ...answers.flatMap(({ client, bars, answeredAt: at }) =>
      bars.map((bar) => ({ bar: trimmed(bar), at, by: `client ${client} over REST` })),
    ),
  ].toSorted((one, other) => one.at - other.at)
}

function trimmed(bar: SeenBar): SeenBar {
  return {
    symbol: bar.symbol,
    timestamp: bar.timestamp,
    revision: bar.revision,
    open: trimZeros(bar.open),
    high: trimZeros(bar.high),
    low: trimZeros(bar.low),
    close: trimZeros(bar.close),
    volume: trimZeros(bar.volume),
    notional: bar.notional === null ? null : trimZeros(bar.notional),
    vwap: bar.vwap === null ? null : trimZeros(bar.vwap),
    tradeCount: bar.tradeCount,
    complete: bar.complete,
    withdrawn: bar.withdrawn,
  }
}

function trimZeros(decimal: string): string {
  return decimal.includes('.') ? decimal.replace(/\.?0+$/, '') : decimal
}
