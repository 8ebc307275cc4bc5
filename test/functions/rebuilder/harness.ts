import { hourOf } from '../../../functions/archive/archive-key.ts'
import type { ArchivedTrade } from '../../../functions/archive/archived-trade.ts'
import { encodeArchive } from '../../../functions/archive/encode-archive.ts'
import { readArchive, readLeanArchive } from '../../../functions/archive/read-archive.ts'
import type { Bar } from '../../../functions/domain/bar.ts'
import { rebuild, type Rebuilt, type RebuildTask } from '../../../functions/rebuilder/rebuild.ts'
import type { Span, StoredBar, StoredBars } from '../../../functions/rebuilder/stored-bars.ts'

/** 2025-10-10T14:00:00Z */
export const HOUR = 1_760_104_800

/** An archive and a table of bars in memory. */
export class History {
  readonly bars = new Map<string, StoredBar>()
  readonly #objects: { readonly hour: number; readonly bytes: Uint8Array }[] = []
  /** Days after the trades. */
  now = (HOUR + 10 * 86_400) * 1000
  /** Called where something on a stream is waited for. */
  wait: () => Promise<void> = async () => {}
  /** Called before each read and put; may throw. */
  meet: (what: 'archive' | 'stored' | 'put') => void = () => {}

  /** Called with the span of each read of bars. */
  meetSpan: (span: Span) => void = () => {}

  /** Takes what is put. */
  sink: (bar: Bar) => void = (bar) => this.write(bar)

  /** Archives trades as one batch. */
  archive(trades: readonly ArchivedTrade[]): void {
    for (const [hour, ofHour] of Map.groupBy(trades, ({ seconds }) => hourOf(seconds)))
      this.#objects.push({ hour, bytes: encodeArchive(ofHour) })
  }

  /** The table as the rebuilder reads it. */
  readonly stored: StoredBars = {
    read: async (symbols, { from, to }) => {
      this.meet('stored')
      this.meetSpan({ from, to })
      const within = [...this.bars.values()].filter(
        ({ symbol, start }) => symbols.includes(symbol) && start >= from && start < to,
      )
      const bySymbol = Map.groupBy(within, ({ symbol }) => symbol)
      return new Map(
        [...bySymbol].map(([name, bars]) => [name, new Map(bars.map((bar) => [bar.start, bar]))]),
      )
    },
    newest: async (symbols) =>
      new Map(
        symbols.flatMap((symbol) => {
          const starts = [...this.bars.values()]
            .filter((bar) => bar.symbol === symbol && bar.source === null)
            .map(({ start }) => start)
          return starts.length === 0 ? [] : [[symbol, Math.max(...starts)] as const]
        }),
      ),
    startBefore: async (symbol, before, count) =>
      [...this.bars.values()]
        .filter((bar) => bar.symbol === symbol && bar.start < before && !bar.withdrawn && bar.source === null)
        .map(({ start }) => start)
        .toSorted((one, other) => one - other)
        .slice(-count)[0],
  }

  async rebuild(task: Partial<RebuildTask> = {}): Promise<Rebuilt> {
    return await rebuild(
      {
        archive: {
          lean: (hour, symbols) => this.#read(readLeanArchive, hour, symbols),
          whole: (hour, symbols) => this.#read(readArchive, hour, symbols),
        },
        stored: this.stored,
        put: async (bars) => {
          this.meet('put')
          for (const bar of [...bars.values()].flat()) this.sink(bar)
        },
        latenessSeconds: 120,
        now: () => this.now,
        wait: () => this.wait(),
      },
      { symbols: ['A'], from: HOUR, to: HOUR + 3600, replaces: 'more', ...task },
    )
  }

  async #read<Columns>(
    read: (bytes: Uint8Array, wanted: { symbols: ReadonlySet<string> }) => Promise<readonly Columns[]>,
    hour: number,
    symbols: ReadonlySet<string>,
  ): Promise<readonly Columns[]> {
    this.meet('archive')
    const ofHour = this.#objects.filter((each) => each.hour === hour)
    return (await Promise.all(ofHour.map(({ bytes }) => read(bytes, { symbols })))).flat()
  }

  /** Stores a bar as the bar-writer does: a lower revision never replaces a higher one. */
  write({ closedAt: _closedAt, ...bar }: Bar): void {
    const key = `${bar.symbol} ${bar.start}`
    if ((this.bars.get(key)?.revision ?? 0) < bar.revision) this.bars.set(key, { ...bar, source: null })
  }

  /** The bars that are not withdrawn by minute after `HOUR`: open, high, low, close, volume, trades, completeness and revision. */
  table(): readonly (readonly unknown[])[] {
    return [...this.bars.values()]
      .filter(({ withdrawn }) => !withdrawn)
      .toSorted((one, other) => one.start - other.start)
      .map((bar) => [
        (bar.start - HOUR) / 60,
        ...[bar.open, bar.high, bar.low, bar.close, bar.volume].map(Number),
        bar.tradeCount,
        bar.complete,
        bar.revision,
      ])
  }
}
