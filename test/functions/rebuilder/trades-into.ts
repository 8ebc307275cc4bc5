import { startSymbol } from '../../../functions/analytics/state-codec.ts'
import { toSeriesBar } from '../../../functions/shared/analysis/series-bar.ts'
import { nameValues } from '../../../functions/domain/analysis.ts'
import { type Bar, barOf } from '../../../functions/domain/bar.ts'
import { evolve } from '../../../functions/domain/evolve.ts'
import { INITIAL_STATE } from '../../../functions/domain/minute-state.ts'
import { BarFold } from '../../../functions/domain/signals.ts'
import { archivedTrade } from '../../support/archived.ts'
import { runOf, trade } from '../../support/trades.ts'
import { HOUR } from './harness.ts'
import { analysis, LATENESS, Pipeline } from './pipeline.ts'

export type Given = {
  readonly second: number
  readonly price: number
  readonly volume: number
  readonly id: number
}

const LINE = { name: 'x', isContiguous: true }
/** All of the trades lie in it. */
export const SPAN = { from: HOUR, to: HOUR + 7200 }
const tradeOf = ({ second, ...each }: Given) => trade({ seconds: HOUR + second, nanos: each.id, ...each })

let numbered = 0

/** Trades come in this order, on the stream and in the archive. */
export function come(pipeline: Pipeline, trades: readonly Given[]): void {
  if (trades.length === 0) return
  const first = numbered
  numbered += trades.length
  const sequenceOf = (place: number): string => `496${String(first + place).padStart(10, '0')}`
  for (const [place, each] of trades.entries()) {
    const run = runOf([tradeOf(each)], { sequenceNumber: sequenceOf(place), line: LINE })
    pipeline.happens({ type: 'trades', now: 0, runs: [run] })
  }
  pipeline.history.archive(
    trades.map((each, place) =>
      archivedTrade({
        price: { units: each.price, scale: 0 },
        volume: { units: each.volume, scale: 0 },
        seconds: HOUR + each.second,
        nanos: each.id,
        id: each.id,
        line: 'x',
        contiguous: true,
        sequenceNumber: sequenceOf(place),
        arrivedAt: SPAN.to * 1000,
      }),
    ),
  )
}

/** The bars of trades that come in the order of their time. */
export function barsOf(trades: readonly Given[]): Bar[] {
  const rules = { latenessSeconds: 100_000, graceMs: 0 }
  const runs = [runOf(trades.map(tradeOf), { sequenceNumber: '1', line: LINE })]
  const { state } = evolve(INITIAL_STATE, { type: 'trades', now: 0, runs }, rules)
  const { outbox } = evolve(state, { type: 'flush', now: 0 }, rules).state
  return outbox.map(({ builder }) => barOf('A', builder, { closedAt: 0 }))
}

/** What readers see of the signals of a run that has seen these bars only. */
export function visibleOf(bars: readonly Bar[]) {
  const fold = new BarFold(analysis, startSymbol(analysis), LATENESS)
  const revised = bars.map((bar) => ({ bar: toSeriesBar(bar), revision: 1, withdrawn: false, closedAt: 0 }))
  return fold
    .take(revised)
    .signals.map(({ start, values, patterns }) => [
      start,
      nameValues(analysis, values),
      patterns.map(({ pattern }) => pattern.name).toSorted(),
    ])
}

export const storedOf = (pipeline: Pipeline) =>
  [...pipeline.history.bars.values()]
    .filter(({ withdrawn }) => !withdrawn)
    .toSorted((one, other) => one.start - other.start)
    .map(({ revision: _revision, source: _source, ...bar }) => bar)
/** Whether a trade before the first of a line is missing, nothing tells: a rebuild leaves what its bar says. */
export const expectedOf = (pipeline: Pipeline, bars: readonly Bar[]) =>
  bars.map(({ revision: _revision, closedAt: _closedAt, ...bar }, index) =>
    index === 0 ? { ...bar, complete: storedOf(pipeline)[0]?.complete } : bar,
  )

/** Everybody has done all that there is to do. */
export async function settle(pipeline: Pipeline): Promise<void> {
  await pipeline.analyse(Infinity)
  await pipeline.write(Infinity)
}

/** The last trades come, their minutes end, and everybody has done all that there is to do. */
export async function finish(pipeline: Pipeline, trades: readonly Given[]): Promise<void> {
  come(pipeline, trades)
  pipeline.happens({ type: 'flush', now: 0 })
  await settle(pipeline)
}

/** A rebuild by the command: bars, then signals. */
export async function rebuild(pipeline: Pipeline, from = HOUR): Promise<void> {
  await pipeline.history.rebuild(SPAN)
  await pipeline.rebuildSignals(from)
}

/** One whose trades have come just now, so that only minutes are final that are older than the lateness. */
export function livePipeline(): Pipeline {
  const pipeline = new Pipeline()
  pipeline.history.now = SPAN.to * 1000
  return pipeline
}

export const inOrder = (minutes: number): Given[] =>
  Array.from({ length: minutes * 2 }, (_, id) => ({
    second: id * 30,
    price: 10 + ((id * 7) % 5),
    volume: 1 + (id % 3),
    id,
  }))
