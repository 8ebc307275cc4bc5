import type { Config } from './config/config.ts'

/** Functions that read a stream over enhanced fan-out, by stream. */
export type FanOut = { readonly ticks: number; readonly bars: number; readonly signals: number }

/** Those that someone waits for: not the archiver, which batches anyway. None but with `latency: lowest`. */
export function fanOutOf({ latency, websocket, liveTicks }: Config): FanOut {
  if (latency !== 'lowest') return { ticks: 0, bars: 0, signals: 0 }
  const broadcasters = websocket === 'on' ? 1 : 0
  return {
    ticks: 1 + (liveTicks === 'on' ? broadcasters : 0),
    bars: 2 + broadcasters,
    signals: 1 + broadcasters,
  }
}

/** The shards that are read so, each as often as it has such consumers. */
export function fanOutShards(
  { ticks, bars, signals }: FanOut,
  shards: Pick<Config, 'tickShards' | 'barShards' | 'signalShards'>,
): number {
  return ticks * shards.tickShards + bars * shards.barShards + signals * shards.signalShards
}
