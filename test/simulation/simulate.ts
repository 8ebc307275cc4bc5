import { checkRows } from './checks.ts'
import { Deployment } from './deployment.ts'
import { Market } from './market.ts'
import { Operator } from './operator.ts'
import { Services } from './services.ts'
import type { Path } from './trace.ts'

/** What a seed came to. */
export type Simulated = {
  readonly seed: number
  /** What must never happen and did; undefined when all is well. */
  readonly failure: string | undefined
  readonly reached: ReadonlyMap<Path, number>
  /** Equal for two runs in which the same happened at the same times. */
  readonly digest: string
  /** Of the stream `ticks`. */
  readonly records: number
  /** Virtual time. */
  readonly ms: number
}

const MINUTE_MS = 60_000
/** After the last fault, for instances that were timed out and go on, and for calls that are slow. */
const CALM_MS = 3 * MINUTE_MS
/** By then everything is handled that nothing hinders. */
const STUCK_MS = 30 * MINUTE_MS
/** A rebuild long after: then everything is final. */
const LATER_MS = 4 * 60 * MINUTE_MS

/** Runs the pipeline in virtual time as a seed has it, and checks what comes of it. @param print takes a line of each event */
export async function simulate(seed: number, print?: (line: string) => void): Promise<Simulated> {
  const services = new Services(seed, print)
  const { clock, trace, ticks } = services
  const begin = clock.now()
  const run = new Run(seed, services)
  let failure: string | undefined
  try {
    await clock.run(Promise.race([run.all(), run.violated()]))
  } catch (error) {
    const found = trace.violation ?? error
    failure =
      found instanceof Error
        ? found === trace.violation
          ? found.message
          : (found.stack ?? '')
        : String(found)
  }
  const ms = clock.now() - begin
  return { seed, failure, reached: trace.reached, digest: trace.digest, records: ticks.records.length, ms }
}

class Run {
  readonly #services: Services
  readonly #deployment: Deployment
  readonly #market: Market
  readonly #operator: Operator
  #isOver = false

  constructor(seed: number, services: Services) {
    this.#services = services
    this.#deployment = new Deployment(seed, services)
    const { plan, network, ticks } = services
    this.#market = new Market(seed, { plan, network, stream: ticks })
    this.#operator = new Operator(seed, services, this.#deployment)
  }

  async all(): Promise<void> {
    const { clock, plan, trace } = this.#services
    const until = clock.now() + plan.minutes * MINUTE_MS
    void this.#deployment.schedule(until)
    // A job of the operator that has begun goes on until nothing hinders it.
    await Promise.all([this.#operator.run(until), this.#market.run(until).then(() => this.#calm())])
    await this.#market.flush()
    await clock.sleep(CALM_MS)
    await this.#drain()
    await this.#deployment.sweeper.invoke({ type: 'flush' })
    await this.#drain()
    trace.note('all is handled')
    checkRows(this.#services, 'before a rebuild')
    await this.#operator.rebuild(LATER_MS)
    await this.#drain()
    checkRows(this.#services, 'after a rebuild')
    const { bars, signals } = await this.#operator.rebuild(LATER_MS)
    const changed = bars.put + bars.withdrawn + signals.signals
    if (changed > 0) trace.violate(`a second rebuild changed ${changed} minutes`)
    this.#isOver = true
  }

  #calm(): void {
    const { network, streams } = this.#services
    network.calm()
    this.#deployment.calm()
    for (const stream of streams) stream.refused = 0
  }

  /** Rejects when something is violated that the code under test would catch. */
  async violated(): Promise<never> {
    const { clock, trace } = this.#services
    while (trace.violation === undefined && !this.#isOver) await clock.sleep(1000)
    throw trace.violation ?? new Error('over')
  }

  async #drain(): Promise<void> {
    const { clock, trace } = this.#services
    const until = clock.now() + STUCK_MS
    // What was handled makes records for the next.
    for (let calm = 0; calm < 5; calm = this.#deployment.isDone ? calm + 1 : 0) {
      await clock.sleep(2000)
      if (clock.now() > until) trace.violate('records are not handled although nothing hinders it')
    }
  }
}
