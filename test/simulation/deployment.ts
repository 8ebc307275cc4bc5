import type { KinesisStreamBatchResponse, KinesisStreamEvent } from 'aws-lambda'

import { ARCHIVE_BATCH_SIZE } from '../../lib/batching.ts'
import { Dice } from './dice.ts'
import { Fleet, type FleetOptions } from './fleet.ts'
import type { Host } from './host.ts'
import { Mapping, type MappingOptions } from './mapping.ts'
import { aggregatorOf, type SweepEvent, sweeperOf } from './minute-parts.ts'
import { analyticsOf, archiverOf, barWriterOf } from './parts.ts'
import type { Services } from './services.ts'

const MINUTE_MS = 60_000
/** As lib/ has it for functions of the pipeline, and for the one that waits for the ends of minutes. */
const TIMEOUT_MS = 60_000
const SWEEP_TIMEOUT_MS = 150_000
const ARCHIVE_WINDOW_MS = 60_000

/** The functions, their instances and what calls them. */
export class Deployment {
  readonly sweeper: Fleet<SweepEvent, void>
  readonly mappings: readonly Mapping[]
  readonly #services: Services
  readonly #seed: number
  readonly #consumers: readonly Fleet<KinesisStreamEvent, KinesisStreamBatchResponse>[]

  constructor(seed: number, services: Services) {
    this.#seed = seed
    this.#services = services
    this.sweeper = new Fleet(this.#options('sweeper', (host) => sweeperOf(host, services), SWEEP_TIMEOUT_MS))
    const aggregator = new Fleet(this.#options('aggregator', (host) => aggregatorOf(host, services)))
    const analytics = new Fleet(this.#options('analytics', (host) => analyticsOf(host, services)))
    const barWriter = new Fleet(this.#options('bar-writer', (host) => barWriterOf(host, services)))
    const archiver = new Fleet(this.#options('archiver', (host) => archiverOf(host, services)))
    this.#consumers = [aggregator, analytics, barWriter, archiver]
    const { ticks, bars, signals, minutes } = services
    this.mappings = [
      this.#map('aggregator', {
        stream: ticks,
        fleet: aggregator,
        onHandled: (records) => minutes.expectApplied(records),
      }),
      this.#map('archiver', {
        stream: ticks,
        fleet: archiver,
        batchSize: ARCHIVE_BATCH_SIZE,
        windowMs: ARCHIVE_WINDOW_MS,
      }),
      this.#map('analytics', { stream: bars, fleet: analytics }),
      this.#map('bars', { stream: bars, fleet: barWriter }),
      this.#map('signals', { stream: signals, fleet: barWriter }),
    ]
  }

  /** Whether every record was handled, and nobody works on one. */
  get isDone(): boolean {
    return this.mappings.every(({ isDone }) => isDone)
  }

  get hosts(): readonly Host[] {
    return [this.sweeper, ...this.#consumers].flatMap(({ hosts }) => hosts)
  }

  /** New instances are of these versions. */
  deploy(versions: readonly number[]): void {
    for (const fleet of [this.sweeper, ...this.#consumers]) fleet.versions = versions
    this.#services.trace.note(`versions ${versions.join()}`)
  }

  calm(): void {
    for (const mapping of this.mappings) mapping.calm()
  }

  /** Calls the sweeper once a minute, at a second of its own, sometimes twice, sometimes not at all. */
  async schedule(until: number): Promise<void> {
    const { clock } = this.#services
    const dice = new Dice(this.#seed, 'schedule')
    const first = clock.now() + dice.whole(0, MINUTE_MS)
    for (let at = first; at < until; at += MINUTE_MS) {
      await clock.sleep(Math.max(0, at + dice.whole(0, 3000) - clock.now()))
      const calls = dice.chance(0.05) ? 0 : dice.chance(0.05) ? 2 : 1
      for (let call = 0; call < calls; call++) void this.sweeper.invoke({ type: 'sweep' })
    }
  }

  #options<Event, Answer>(
    part: string,
    create: FleetOptions<Event, Answer>['create'],
    timeoutMs = TIMEOUT_MS,
  ): FleetOptions<Event, Answer> {
    return { part, network: this.#services.network, dice: new Dice(this.#seed, part), timeoutMs, create }
  }

  #map(name: string, options: Pick<MappingOptions, 'stream' | 'fleet'> & Partial<MappingOptions>): Mapping {
    const { clock, trace, plan } = this.#services
    const { batchSize, windowMs, again } = plan
    return new Mapping({
      clock,
      trace,
      batchSize,
      windowMs,
      again,
      dice: new Dice(this.#seed, `mapping ${name}`),
      ...options,
    })
  }
}
