import type { KinesisPort, PutOutcome } from '../../feed/kinesis-port.ts'
import { createPublisher, type Publisher } from '../../feed/publisher.ts'
import type { FeedTick } from '../../feed/tick.ts'
import type { Dice } from './dice.ts'
import { Host } from './host.ts'
import type { Network } from './network.ts'
import type { Stream } from './stream.ts'

type FeedOptions = {
  readonly source: string
  readonly encoding: 'compact' | 'json'
  readonly network: Network
  readonly stream: Stream
  readonly dice: Dice
}

/** Ticks that a feed sends again after a restart. */
const REPEATED = 20
const RESTART_MS = 4000

/** A process that feeds through the publisher of TickStock, and is started again when it died. */
export class Feed {
  readonly #options: FeedOptions
  #host: Host
  #publisher: Publisher
  #starts = 0
  /** The newest ticks that were given to it. */
  #last: FeedTick[] = []

  constructor(options: FeedOptions) {
    this.#options = options
    this.#host = this.#start()
    this.#publisher = this.#open()
  }

  async give(tick: FeedTick): Promise<void> {
    this.#last = [...this.#last.slice(1 - REPEATED), tick]
    if (!this.#host.isAlive) await this.#restart()
    void this.#publisher.publish(tick)
  }

  /** Whatever was given is on the stream, or was lost with the process. */
  async flush(): Promise<void> {
    if (!this.#host.isAlive) await this.#restart()
    await this.#publisher.flush()
  }

  async #restart(): Promise<void> {
    const { network, dice } = this.#options
    // Others may be waiting for the same.
    this.#host = this.#start()
    await network.clock.sleep(dice.whole(1, RESTART_MS))
    network.trace.reach('feed restarted')
    this.#publisher = this.#open()
    // Those with an id are known; for the others the record is new, and so is what it holds.
    for (const tick of this.#last) if (tick.id !== undefined) void this.#publisher.publish(tick)
  }

  #start(): Host {
    const { network, source } = this.#options
    return new Host(network, { name: `${source}#${++this.#starts}`, version: 1, skewMs: 0, isZombie: false })
  }

  #open(): Publisher {
    const { network, dice, source, encoding } = this.#options
    return createPublisher({
      kinesis: this.#port(this.#host),
      stream: 'ticks',
      source,
      encoding,
      maxAgeMs: 100,
      clock: network.clock,
      random: dice.next,
    })
  }

  #port(host: Host): KinesisPort {
    const { stream } = this.#options
    return {
      putRecords: async (_name, records) => {
        try {
          const entries = records.map(({ partitionKey, data }) => ({
            PartitionKey: partitionKey,
            Data: data,
          }))
          const { Records = [] } = await host.call('ticks', `put ${records.length}`, () =>
            stream.putRecords(entries),
          )
          const outcomes = Records.map(({ ErrorCode, ErrorMessage = '' }): PutOutcome => {
            if (ErrorCode === undefined) return { type: 'accepted' }
            return { type: 'failed', code: ErrorCode, message: ErrorMessage }
          })
          return { type: 'answered', outcomes }
        } catch (error) {
          return { type: 'unavailable', code: 'TimeoutError', message: String(error) }
        }
      },
    }
  }
}
