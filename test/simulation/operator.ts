import type { Deployment } from './deployment.ts'
import { Dice } from './dice.ts'
import { Fleet } from './fleet.ts'
import { SERVICES } from './network.ts'
import { rebuildBoth, type RebuiltBoth } from './rebuilds.ts'
import type { Services } from './services.ts'

const MINUTE_MS = 60_000
/** As lib/rebuilder.ts has it. */
const REBUILD_TIMEOUT_MS = 900_000
/** Of a rebuild that nothing hinders. */
const CALM_ATTEMPTS = 3

/** What people and AWS do to a deployment while trades come. */
export class Operator {
  readonly #seed: number
  readonly #services: Services
  readonly #deployment: Deployment
  readonly #rebuilder: Fleet<{ readonly laterMs: number }, RebuiltBoth>
  #jobs = 0

  constructor(seed: number, services: Services, deployment: Deployment) {
    this.#seed = seed
    this.#services = services
    this.#deployment = deployment
    this.#rebuilder = new Fleet({
      part: 'rebuilder',
      network: services.network,
      dice: new Dice(seed, 'rebuilder'),
      timeoutMs: REBUILD_TIMEOUT_MS,
      create: (host) => (event) => rebuildBoth(host, services, event.laterMs),
    })
  }

  /** Acts for so long; resolves when its jobs are done. */
  async run(until: number): Promise<void> {
    const { network, ticks, bars, signals, plan, trace } = this.#services
    const { deploy, flush, rebuild, reshard, outage, cut } = plan.everyMinutes
    const fate = (dice: Dice) => dice.pick(['request-lost', 'answer-lost'] as const)
    await Promise.all([
      this.#every('reshard', reshard, until, async (dice) =>
        dice.pick([ticks, ticks, bars, signals]).reshard(),
      ),
      this.#every('outage', outage, until, async (dice) => {
        const ends = network.clock.now() + dice.whole(2000, 90_000)
        network.breakDown({ service: dice.pick(SERVICES), until: ends, fate: fate(dice) })
      }),
      this.#every('cut', cut, until, async (dice) => {
        const hosts = this.#deployment.hosts
        if (hosts.length > 0) dice.pick(hosts).cutUntil = network.clock.now() + dice.whole(1000, 60_000)
      }),
      this.#every('deploy', deploy, until, async (dice) => this.#deploy(dice)),
      this.#every('flush', flush, until, async () => {
        await this.#deployment.sweeper.invoke({ type: 'flush' })
      }),
      this.#every('rebuild', rebuild, until, async () => {
        trace.reach('rebuild while trades come')
        if (this.#jobs++ === 0) await this.rebuild(0)
        this.#jobs--
      }),
    ])
  }

  /** Rebuilds until it succeeds, as the part `jobs` does. */
  async rebuild(laterMs: number): Promise<RebuiltBoth> {
    const { trace, clock, network } = this.#services
    let calmAttempts = 0
    while (calmAttempts < CALM_ATTEMPTS) {
      if (network.isCalm) calmAttempts++
      const ending = await this.#rebuilder.invoke({ laterMs })
      if (ending.type === 'answered') {
        const { bars, signals } = ending.answer
        trace.reach('rebuild changed a bar', bars.put + bars.withdrawn)
        trace.reach('rebuild changed a signal', signals.signals)
        return ending.answer
      }
      trace.note(`the rebuild ${ending.type === 'failed' ? String(ending.error) : ending.type}`)
      await clock.sleep(5000)
    }
    return trace.violate(`a rebuild failed ${CALM_ATTEMPTS} times although nothing hinders it`)
  }

  /** Shifts traffic to the other version, and for some time gives it to both. */
  async #deploy(dice: Dice): Promise<void> {
    const { clock } = this.#services
    this.#deployment.deploy([1, 2])
    await clock.sleep(dice.whole(10_000, 120_000))
    this.#deployment.deploy([dice.pick([1, 2])])
  }

  async #every(
    name: string,
    meanMinutes: number,
    until: number,
    act: (dice: Dice) => Promise<void>,
  ): Promise<void> {
    const { clock } = this.#services
    const dice = new Dice(this.#seed, `operator ${name}`)
    if (meanMinutes === Infinity) return
    while (true) {
      await clock.sleep(dice.whole(1, 2 * meanMinutes * MINUTE_MS))
      if (clock.now() >= until) return
      await act(dice)
    }
  }
}
