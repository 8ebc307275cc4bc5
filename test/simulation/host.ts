import type { Network, Service } from './network.ts'

/** How an invocation ends for who has made it. */
export type Ending<Answer> =
  | { readonly type: 'answered'; readonly answer: Answer }
  | { readonly type: 'failed'; readonly error: unknown }
  | { readonly type: 'died' }
  | { readonly type: 'timed-out' }

export type HostOptions = {
  readonly name: string
  /** That of the code and settings which it runs. */
  readonly version: number
  /** By how much its clock is wrong, in milliseconds. */
  readonly skewMs: number
  /** Whether it goes on when it is timed out: nobody hears it, but services do. */
  readonly isZombie: boolean
}

/** An execution environment. It may die at any call; what it waits for then never comes, and what it has sent arrives. */
export class Host {
  readonly name: string
  readonly version: number
  isAlive = true
  isBusy = false
  /** Until when it is cut off from all services; virtual milliseconds. */
  cutUntil = 0
  readonly #network: Network
  readonly #options: HostOptions
  #deadline = Infinity
  #onEnd: (ending: { type: 'died' } | { type: 'timed-out' }) => void = () => {}

  constructor(network: Network, options: HostOptions) {
    this.#network = network
    this.#options = options
    this.name = options.name
    this.version = options.version
  }

  /** Its own clock. */
  readonly now = (): number => this.#network.clock.now() + this.#options.skewMs

  async sleep(ms: number): Promise<void> {
    await this.#network.clock.sleep(ms)
    await this.survives()
  }

  async call<Result>(service: Service, what: string, work: () => Promise<Result> | Result): Promise<Result> {
    return await this.#network.carry(this, { service, what }, work)
  }

  /** Runs `work` until it ends, or the host does. */
  async invoke<Answer>(timeoutMs: number, work: () => Promise<Answer>): Promise<Ending<Answer>> {
    this.isBusy = true
    this.#deadline = this.#network.clock.now() + timeoutMs
    const { promise, resolve } = Promise.withResolvers<Ending<Answer>>()
    this.#onEnd = resolve
    work().then(
      (answer) => resolve({ type: 'answered', answer }),
      (error: unknown) => resolve({ type: 'failed', error }),
    )
    const ending = await promise
    this.#onEnd = () => {}
    this.#deadline = Infinity
    this.isBusy = ending.type === 'timed-out'
    return ending
  }

  die(): void {
    this.isAlive = false
    this.#onEnd({ type: 'died' })
  }

  /** Resolves where it lives, and never where it does not: nothing of it runs any more. */
  async survives(): Promise<void> {
    if (this.isAlive && this.#network.clock.now() > this.#deadline) this.#timeOut()
    if (!this.isAlive) await new Promise<never>(() => {})
  }

  #timeOut(): void {
    this.#deadline = Infinity
    if (!this.#options.isZombie) this.isAlive = false
    else this.#network.trace.reach('zombie that goes on after its time-out')
    this.#onEnd({ type: 'timed-out' })
  }
}
