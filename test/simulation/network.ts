import type { VirtualClock } from '../feed/virtual-clock.ts'
import type { Dice } from './dice.ts'
import type { Host } from './host.ts'
import type { Trace } from './trace.ts'

export const SERVICES = [
  'minute-state',
  'indicator-state',
  'ticks',
  'bars',
  'signals',
  'database',
  'archive',
  'dead-letters',
] as const

export type Service = (typeof SERVICES)[number]

/** What becomes of a call. */
type Fate =
  | 'none'
  | 'slow'
  /** Its host dies before it is sent, or before its answer comes. */
  | 'dies-before'
  | 'dies-after'
  | 'request-lost'
  | 'answer-lost'
  /** The answer is lost, and the client asks again by itself. */
  | 'asked-twice'

const FATES: readonly Fate[] = [
  'slow',
  'dies-before',
  'dies-after',
  'request-lost',
  'answer-lost',
  'asked-twice',
]

type Outage = {
  readonly service: Service
  readonly until: number
  readonly fate: 'request-lost' | 'answer-lost'
}

type Called = { readonly service: Service; readonly what: string }

/** All calls of hosts to services. Each takes effect in one moment; what comes before and after takes time, and may fail. */
export class Network {
  readonly clock: VirtualClock
  readonly trace: Trace
  /** The share of calls that have a fate of their own. */
  share: number
  #isCalm = false
  readonly #dice: Dice
  #outages: Outage[] = []

  constructor(clock: VirtualClock, { trace, dice, share }: { trace: Trace; dice: Dice; share: number }) {
    this.clock = clock
    this.trace = trace
    this.share = share
    this.#dice = dice
  }

  breakDown(outage: Outage): void {
    this.#outages.push(outage)
    this.trace.note(`outage of ${outage.service}`)
  }

  /** Whether nothing fails any more. */
  get isCalm(): boolean {
    return this.#isCalm
  }

  /** From now on nothing fails. */
  calm(): void {
    this.#isCalm = true
    this.share = 0
    this.#outages = []
  }

  /** Rejects where the caller learns that it failed; never settles where the host dies. */
  async carry<Result>(host: Host, called: Called, work: () => Promise<Result> | Result): Promise<Result> {
    await host.survives()
    const fate = this.#fateOf(host, called)
    await this.clock.sleep(this.#delay(fate))
    this.trace.note(`${host.name} ${called.service} ${called.what}${fate === 'none' ? '' : ` ${fate}`}`)
    if (fate === 'dies-before') this.#kill(host, called)
    if (fate === 'dies-before') await host.survives()
    if (fate === 'request-lost') {
      await this.clock.sleep(this.#dice.whole(100, 3000))
      await host.survives()
      throw new Error(`${called.service}: the request was lost`)
    }
    let result = await work()
    await this.clock.sleep(this.#delay(fate))
    if (fate === 'dies-after') host.die()
    await host.survives()
    if (fate === 'answer-lost') throw new Error(`${called.service}: the answer was lost`)
    if (fate === 'asked-twice') result = await work()
    return result
  }

  #kill(host: Host, { service, what }: Called): void {
    const isWriter = host.name.startsWith('aggregator') || host.name.startsWith('sweeper')
    if (isWriter && service === 'bars') this.trace.reach('crash between commit and emit')
    if (isWriter && what.startsWith('commit')) this.trace.reach('crash before a commit')
    host.die()
  }

  #fateOf(host: Host, { service, what }: Called): Fate {
    const now = this.clock.now()
    if (host.cutUntil > now) {
      this.trace.reach('instance cut off from a service')
      return 'request-lost'
    }
    this.#outages = this.#outages.filter(({ until }) => until > now)
    const outage = this.#outages.find((each) => each.service === service)
    if (outage !== undefined) this.trace.reach('outage of a service')
    const fate = outage?.fate ?? (this.#dice.chance(this.share) ? this.#dice.pick(FATES) : 'none')
    const isLost = fate === 'answer-lost' || fate === 'asked-twice'
    if (isLost && what.startsWith('put ')) this.trace.reach('put on a stream whose answer is lost')
    return fate
  }

  #delay(fate: Fate): number {
    if (fate === 'slow')
      return this.#dice.chance(0.3) ? this.#dice.whole(20_000, 70_000) : this.#dice.whole(500, 9000)
    return this.#dice.chance(0.05) ? this.#dice.whole(50, 800) : this.#dice.whole(1, 20)
  }
}
