import { setTimeout as wait } from 'node:timers/promises'

import { Command } from 'commander'

import { startDeployment } from '../../bin/embedded/deployment.ts'
import { FigureReader } from '../../bin/embedded/figures.ts'
import { connected } from '../../bin/stage/connected.ts'
import { type PlainBar, plainFold } from '../../bin/stage/verify/plain-fold.ts'
import { barKey } from '../../bin/stage/verify/bar-differences.ts'
import { readStoredBars } from '../../bin/stage/verify/stored-bars.ts'
import { decimal, wholeNumber } from '../../bin/terminal/arguments.ts'
import { inThrowAwayFolder } from '../../bin/terminal/throw-away-folder.ts'
import { sfc32 } from '../../feed/random.ts'
import { VENUES } from '../../feed/venues/index.ts'
import type { FeedCounts } from '../../feed/venues/symbol-feed.ts'
import { toTrade } from '../support/trades.ts'
import { DIALECTS } from './dialects.ts'
import { Market } from './market.ts'
import { VenueSimulator } from './simulator.ts'
import { FAULTS } from './soak-faults.ts'
import { type SoakFeed, startSoakFeed } from './soak-feed.ts'

type Options = {
  readonly minutes: number
  readonly rate: number
  readonly seed: number
  readonly venue: string
}

const FAULT_EVERY_S = 10
/** What the REST API keeps of the past. */
const KEPT_S = 300
const MB = 1024 * 1024

/** What the trades of the market make, minute by minute; those that nobody asks for any more are forgotten. */
class Ledger {
  readonly bars = new Map<string, PlainBar>()
  trades = 0
  readonly #market: Market
  readonly #symbols: readonly string[]
  #waiting: ReturnType<Market['of']>[number][] = []

  constructor(market: Market, symbols: readonly string[]) {
    this.#market = market
    this.#symbols = symbols
  }

  /** @param micros Unix microseconds before which trades are taken */
  take(micros: number): void {
    const taken = this.#symbols.flatMap((symbol) => this.#market.takeBefore(symbol, micros))
    if (taken.length > 0) this.#waiting = [...this.#waiting, ...taken]
    const minute = Math.floor(micros / 60e6) * 60e6
    this.#fold(this.#waiting.filter((each) => each.micros < minute))
    this.#waiting = this.#waiting.filter((each) => each.micros >= minute)
  }

  end(): void {
    this.take(Infinity)
    this.#fold(this.#waiting)
  }

  #fold(trades: ReturnType<Market['of']>): void {
    this.trades += trades.length
    for (const [symbol, own] of Map.groupBy(trades, (trade) => trade.symbol)) {
      const folded = plainFold(
        own.map(({ micros, ...trade }) => toTrade({ ...trade, timestamp: (micros / 1e6).toFixed(6) })),
      )
      for (const [start, bar] of folded) this.bars.set(barKey(symbol, start), bar)
    }
  }
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

/** Makes trades in step with the clock, with a fault every ten seconds, until the time is over. */
async function runMarket(
  { minutes, rate, seed }: Options,
  {
    simulator,
    market,
    ledger,
    symbols,
  }: {
    readonly simulator: VenueSimulator
    readonly market: Market
    readonly ledger: Ledger
    readonly symbols: readonly string[]
  },
): Promise<void> {
  const random = sfc32([seed, 5, 6, 7])
  const begin = Date.now()
  let made = 0
  let plan = 0
  let fault: (typeof FAULTS)[number] | undefined
  let faultEnds = 0
  let takenAt = 0
  for (let elapsed = 0; elapsed < minutes * 60_000; elapsed = Date.now() - begin) {
    if (fault !== undefined && elapsed >= faultEnds) {
      fault.end?.(simulator)
      fault = undefined
    }
    // The last minute has none, so that all can be fetched that can be had.
    if (elapsed >= (plan + 1) * FAULT_EVERY_S * 1000 && elapsed < (minutes - 1) * 60_000) {
      fault = FAULTS[plan++ % FAULTS.length]
      faultEnds = elapsed + (fault?.seconds ?? 0) * 1000
      const newest = Math.max(...symbols.map((symbol) => market.of(symbol).at(-1)?.id ?? 0))
      fault?.begin?.(simulator, newest)
      print(`${(elapsed / 1000).toFixed(0).padStart(6)} s  ${fault?.name}`)
    }
    for (const due = Math.floor((elapsed * rate) / 1000); made < due; made++)
      simulator.trade(symbols[made % symbols.length] ?? '', {
        afterMicros: 1e6 / rate,
        fate: fault?.fate?.(random) ?? 'sent',
      })
    if (elapsed >= takenAt + 1000) {
      takenAt = elapsed
      ledger.take((Date.now() - KEPT_S * 1000) * 1000)
    }
    await wait(5)
  }
}

async function soak(options: Options): Promise<number> {
  const dialect = DIALECTS.find(({ name }) => name === options.venue)
  const venue = VENUES.get(options.venue)
  if (dialect === undefined || venue === undefined) throw new Error(`there is no venue ${options.venue}`)
  return await inThrowAwayFolder('venue-soak', async (data) => {
    const figures = new FigureReader()
    const deployment = await startDeployment({
      data,
      onProgress: () => undefined,
      onLog: ({ text }) => void figures.read(text),
    })
    const startMs = Date.now()
    const market = new Market({ seed: options.seed, startMs })
    const simulator = new VenueSimulator(dialect, market)
    const symbols = dialect.symbols.slice(0, 2)
    const ledger = new Ledger(market, symbols)
    const memory: number[] = []
    const sampled = setInterval(() => memory.push(process.memoryUsage.rss() / MB), 10_000)
    let feed: SoakFeed | undefined
    try {
      const { webSocketUrl, restUrl, restEveryMs } = await simulator.start(venue)
      const started = startSoakFeed(
        {
          name: venue.name,
          at: { webSocketUrl, restUrl, restEveryMs },
          symbols,
          stream: deployment.ticksStream,
          environment: deployment.runtime.environment,
        },
        (text) => print(`          ${text}`),
      )
      feed = started
      while (!symbols.every((symbol) => simulator.subscribed.has(symbol))) await wait(20)
      const cpuBefore = await started.cpuSeconds()
      await runMarket(options, { simulator, market, ledger, symbols })
      const cpu = (await started.cpuSeconds()) - cpuBefore
      ledger.end()
      const behind = await settled(
        () => (started.counts?.trades ?? 0) + (started.counts?.missing ?? 0),
        ledger.trades,
      )
      feed = undefined
      const fed = await started.stop()
      await deployment.flush()
      const cores = cpu / (options.minutes * 60)
      const { rejected, duplicates } = figures.get()
      return await balance(deployment.readOnlyUrl, {
        fed,
        ledger,
        startMs,
        memory,
        behind,
        cores,
        rejected,
        duplicates,
      })
    } finally {
      await feed?.stop()
      clearInterval(sampled)
      await simulator.stop()
      await deployment.stop()
    }
  })
}

/** Waits until a count has come as far as wanted, as long as it grows within a minute; the seconds that it took. */
async function settled(count: () => number, wanted: number): Promise<number> {
  const begin = Date.now()
  for (let [last, since] = [-1, begin]; count() < wanted && Date.now() - since < 60_000; await wait(100))
    if (count() > last) [last, since] = [count(), Date.now()]
  return (Date.now() - begin) / 1000
}

/** Prints what came of the trades; 1 where a bar is wrong, or a trade is neither in a bar nor known to be missing. */
async function balance(
  database: string,
  {
    fed,
    ledger,
    startMs,
    memory,
    behind,
    cores,
    rejected,
    duplicates,
  }: {
    readonly fed: FeedCounts
    readonly ledger: Ledger
    readonly startMs: number
    readonly memory: readonly number[]
    readonly behind: number
    readonly cores: number
    /** By the aggregator: too late, each with its reason in the dead-letter bucket. */
    readonly rejected: number
    /** Taken for duplicates by the aggregator. */
    readonly duplicates: number
  },
): Promise<number> {
  const stored = await connected(database, (client) =>
    readStoredBars(client, Math.floor(startMs / 60_000) * 60, Math.ceil(Date.now() / 1000) + 60),
  )
  const bars = [...stored]
  const inBars = bars.reduce((sum, [, { tradeCount }]) => sum + tradeCount, 0)
  const complete = bars.filter(([, bar]) => bar.complete === true)
  const incomplete = bars.filter(([, bar]) => bar.complete === false)
  const wrong = complete.filter(([key, bar]) => {
    const due = ledger.bars.get(key)
    return !FIELDS.every((field) => due?.[field] === bar[field])
  })
  const lost = ledger.trades - inBars - fed.missing - rejected
  const rows: readonly (readonly [string, number, number?])[] = [
    ['trades of the market', ledger.trades],
    ['trades put on the stream', fed.trades],
    ['trades in bars', inBars],
    ['came twice from the venue', fed.duplicates],
    ['fetched over REST', fed.filled],
    ['missing, and told', fed.missing],
    ['too late for the stream, and told', rejected],
    ['taken for duplicates', duplicates, 0],
    ['lost in silence, or doubled', lost, 0],
    ['bars of the market', ledger.bars.size],
    ['bars', bars.length, ledger.bars.size],
    ['bars complete', complete.length],
    ['bars incomplete, and marked', incomplete.length],
    ['bars complete that differ', wrong.length, 0],
    ['feed, seconds behind', behind],
    ['feed, cores', Math.round(cores * 100) / 100],
    ['memory MB, after a minute', Math.round(memory[5] ?? 0)],
    ['memory MB, at the end', Math.round(memory.at(-1) ?? 0)],
  ]
  for (const [name, value, aim] of rows)
    print(
      `${name.padEnd(34)}${value.toLocaleString('en').padStart(12)}${aim === undefined ? '' : `  aim ${aim.toLocaleString('en')}`}`,
    )
  for (const [key] of wrong) print(`${key} differs from the trades of the market`)
  return rows.every(([, value, aim]) => aim === undefined || value === aim) ? 0 : 1
}

const FIELDS = ['open', 'high', 'low', 'close', 'volume', 'notional', 'vwap', 'tradeCount'] as const

const command = new Command('soak:venues')
  .description(
    'feed a throw-away deployment from a simulated venue that fails every ten seconds, and print the balance',
  )
  .option('--minutes <minutes>', 'duration', decimal(1.2, 100_000), 60)
  .option('--rate <trades>', 'trades per second', wholeNumber(1, 1000), 1000)
  .option('--seed <number>', 'seed of the market and its faults', wholeNumber(0, 2 ** 31), 1)
  .option('--venue <name>', `one of ${DIALECTS.map(({ name }) => name).join(', ')}`, 'binance')
process.exitCode = await soak(command.parse().opts<Options>())
