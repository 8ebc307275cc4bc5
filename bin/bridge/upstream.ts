import { setTimeout as wait } from 'node:timers/promises'

import { messageOf } from 'embedded-aws/errors'

import { QUIET_MS } from '../stage/watch-silence.ts'
import { Connection } from './connection.ts'
import { covers, type Interest, isEmpty, NO_INTEREST } from './interest.ts'

export type UpstreamOptions = {
  /** The WebSocket API of TickStock, and a key for it. */
  readonly url: string
  readonly key: string
  readonly onRecords: (records: readonly unknown[]) => void
  /** A connection that had a subscription has ended: from now on records are missed. */
  readonly onLost: (reason: string) => void
  /** A connection could not be made, or subscribed. */
  readonly onFailed: (reason: string) => void
  /** All that was wanted then is subscribed to again: from now on none is missed. */
  readonly onResumed: () => void
  /** @default QUIET_MS */
  readonly quietMs?: number
  /** How long a subscription may take. @default 15,000 */
  readonly answerMs?: number
  /** Before it connects again, at first. @default 1000 */
  readonly againMs?: number
}

type Waiting = {
  readonly interest: Interest
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

const ANSWER_MS = 15_000
const FIRST_WAIT_MS = 1000
/** Less than clients wait for an answer. */
const LONGEST_WAIT_MS = 10_000

/** One subscription to the WebSocket API, which follows what is wanted of it and is made again whenever its connection ends. */
export class Upstream {
  readonly #options: UpstreamOptions
  readonly #stopping = new AbortController()
  readonly #waiting = new Set<Waiting>()
  #wanted = NO_INTEREST
  #connection: Connection | undefined
  #running: Promise<void> | undefined

  constructor(options: UpstreamOptions) {
    this.#options = options
  }

  /**
   * Resolves when records of all that somebody wants arrive.
   *
   * @param wanted by everybody
   * @throws Error when that takes too long
   */
  want(wanted: Interest, interest: Interest): Promise<void> {
    this.#wanted = wanted
    this.#connection?.want(wanted)
    if (covers(this.#subscribed(), interest)) return Promise.resolve()
    this.#running ??= this.#run()
    return this.#waitFor(interest)
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    this.#connection?.close()
    for (const { reject } of this.#waiting) reject(new Error('it stops'))
    await this.#running
  }

  #subscribed(): Interest {
    return this.#connection?.subscribed ?? NO_INTEREST
  }

  #waitFor(interest: Interest): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const waiting = { interest, resolve, reject }
    this.#waiting.add(waiting)
    const { answerMs = ANSWER_MS } = this.#options
    const late = (): void => reject(new Error(`TickStock did not answer within ${answerMs / 1000} s`))
    const timer = setTimeout(late, answerMs)
    return promise.finally(() => {
      clearTimeout(timer)
      this.#waiting.delete(waiting)
    })
  }

  /** Stays connected, whether or not something is wanted at the moment. */
  async #run(): Promise<void> {
    const { againMs = FIRST_WAIT_MS } = this.#options
    let nextMs = againMs
    while (!this.#stopping.signal.aborted) {
      const { hadSubscription, reason } = await this.#connectOnce()
      if (this.#stopping.signal.aborted) return
      nextMs = hadSubscription ? againMs : Math.min(2 * nextMs, LONGEST_WAIT_MS)
      if (hadSubscription) this.#options.onLost(reason)
      else if (!isEmpty(this.#wanted)) this.#options.onFailed(reason)
      await wait(nextMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined)
    }
  }

  async #connectOnce(): Promise<{ readonly hadSubscription: boolean; readonly reason: string }> {
    const { url, key, quietMs = QUIET_MS, onRecords } = this.#options
    const connection = new Connection({
      url,
      key,
      quietMs,
      onRecords,
      onSubscribed: () => this.#onSubscribed(),
    })
    this.#connection = connection
    connection.want(this.#wanted)
    const reason = await connection.ended.catch(messageOf)
    this.#connection = undefined
    return { hadSubscription: !isEmpty(connection.subscribed), reason }
  }

  #onSubscribed(): void {
    for (const { interest, resolve } of this.#waiting) if (covers(this.#subscribed(), interest)) resolve()
    if (covers(this.#subscribed(), this.#wanted)) this.#options.onResumed()
  }
}
