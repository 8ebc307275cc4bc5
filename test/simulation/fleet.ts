import type { Dice } from './dice.ts'
import { type Ending, Host } from './host.ts'
import type { Network } from './network.ts'

/** The code of a part in a host, with its caches. */
export type Handler<Event, Answer> = (event: Event) => Promise<Answer>

export type FleetOptions<Event, Answer> = {
  readonly part: string
  readonly network: Network
  readonly dice: Dice
  readonly timeoutMs: number
  /** Wires the part as a host of that version has it. */
  readonly create: (host: Host) => Handler<Event, Answer>
}

type Instance<Event, Answer> = { readonly host: Host; readonly handler: Handler<Event, Answer> }

const MOST_IDLE = 4
/** Largest error of a clock, in milliseconds. */
const SKEW_MS = 400

/** The instances of a function: Lambda gives an event to any that is idle, or to a new one. */
export class Fleet<Event, Answer> {
  /** Versions of which new instances are made: two while traffic is shifted. */
  versions: readonly number[] = [1]
  #made = 0
  #instances: Instance<Event, Answer>[] = []
  readonly #options: FleetOptions<Event, Answer>

  constructor(options: FleetOptions<Event, Answer>) {
    this.#options = options
  }

  /** Instances that are alive, idle or busy. */
  get hosts(): readonly Host[] {
    return this.#instances.map(({ host }) => host)
  }

  async invoke(event: Event): Promise<Ending<Answer>> {
    const { host, handler } = this.#take()
    const ending = await host.invoke(this.#options.timeoutMs, () => handler(event))
    if (ending.type === 'died' || ending.type === 'timed-out')
      this.#instances = this.#instances.filter((each) => each.host !== host)
    return ending
  }

  #take(): Instance<Event, Answer> {
    const { dice, network } = this.#options
    // Lambda ends an instance when it likes; a version that gets no traffic has none.
    this.#instances = this.#instances.filter(
      ({ host }) => host.isBusy || (this.versions.includes(host.version) && !dice.chance(0.02)),
    )
    if (new Set(this.hosts.map(({ version }) => version)).size > 1)
      network.trace.reach('two versions at once')
    const idle = this.#instances.filter(({ host }) => !host.isBusy)
    if (idle.length > 0 && (idle.length >= MOST_IDLE || !dice.chance(0.1))) return dice.pick(idle)
    const instance = this.#start()
    this.#instances.push(instance)
    return instance
  }

  #start(): Instance<Event, Answer> {
    const { part, dice, network, create } = this.#options
    const host = new Host(network, {
      name: `${part}#${++this.#made}`,
      version: dice.pick(this.versions),
      skewMs: dice.whole(-SKEW_MS, SKEW_MS),
      isZombie: dice.chance(0.5),
    })
    return { host, handler: create(host) }
  }
}
