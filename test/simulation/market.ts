import type { FeedTick } from '../../feed/tick.ts'
import { Dice } from './dice.ts'
import { Feed } from './feeds.ts'
import type { Network } from './network.ts'
import { LATENESS_SECONDS, type Plan, type SymbolPlan } from './plan.ts'
import type { Stream } from './stream.ts'

const LINE = { name: 'XVEN', isContiguous: true }
/** The first id of a venue's day. */
const FIRST_ID = 1000

/** Symbols that trade, and how their trades reach the stream `ticks`: late, twice, out of order, or never. */
export class Market {
  trades = 0
  readonly #plan: Plan
  readonly #network: Network
  readonly #stream: Stream
  readonly #dice: Dice
  readonly #feeds: readonly Feed[]
  #underWay = 0

  constructor(seed: number, { plan, network, stream }: { plan: Plan; network: Network; stream: Stream }) {
    this.#plan = plan
    this.#network = network
    this.#stream = stream
    this.#dice = new Dice(seed, 'market')
    const feedOf = (source: string, encoding: 'compact' | 'json') =>
      new Feed({ source, encoding, network, stream, dice: new Dice(seed, source) })
    this.#feeds = [feedOf('feed-a', 'compact'), feedOf('feed-b', 'json')]
  }

  /** Trades for so long; resolves when the last trade has left, however late. */
  async run(until: number): Promise<void> {
    const { clock } = this.#network
    await Promise.all(this.#plan.symbols.map((symbol) => this.#trade(symbol, until)))
    while (this.#underWay > 0) await clock.sleep(1000)
  }

  async flush(): Promise<void> {
    for (const feed of this.#feeds) await feed.flush()
  }

  async #trade({ symbol, kind, meanGapMs }: SymbolPlan, until: number): Promise<void> {
    const { clock } = this.#network
    const dice = this.#dice
    let id = FIRST_ID
    while (clock.now() < until) {
      await clock.sleep(dice.chance(0.01) ? dice.whole(60_000, 240_000) : dice.whole(1, 2 * meanGapMs))
      this.trades++
      const tick: FeedTick = {
        symbol,
        timestamp: (clock.now() / 1000).toFixed(3),
        price: (90 + dice.whole(0, 2000) / 100).toFixed(2),
        volume: String(dice.whole(0, 9)),
      }
      if (kind === 'bare') this.#later(() => this.#putBare(tick))
      else if (kind === 'plain') this.#later(() => this.#give(0, tick))
      else this.#venue({ ...tick, id: String(id++), line: LINE })
    }
  }

  /** Both feeds see a trade of the venue, mostly; the venue takes some back. */
  #venue(tick: FeedTick): void {
    const dice = this.#dice
    const isLost = dice.chance(this.#plan.lost)
    for (const feed of [0, 1]) if (!isLost && !dice.chance(0.1)) this.#later(() => this.#give(feed, tick))
    if (dice.chance(0.01))
      this.#later(() => this.#give(0, { ...tick, type: 'cancel' }), dice.whole(500, 60_000))
  }

  #later(work: () => Promise<void>, afterMs = 0): void {
    const dice = this.#dice
    const isLate = dice.chance(this.#plan.late)
    const delay = isLate ? dice.whole(1000, 2500 * LATENESS_SECONDS) : dice.whole(5, 300)
    this.#underWay++
    const run = async (): Promise<void> => {
      await this.#network.clock.sleep(afterMs + delay)
      await work()
      this.#underWay--
    }
    void run()
  }

  async #give(feed: number, tick: FeedTick): Promise<void> {
    await this.#feeds[feed]?.give(tick)
  }

  /** Without a source: what it puts twice is there twice. */
  async #putBare({ symbol, timestamp, price, volume }: FeedTick): Promise<void> {
    const data = JSON.stringify({ symbol, price, volume, timestamp: Number(timestamp) })
    this.#stream.put({ partitionKey: symbol, data })
  }
}
