import { type Channels, topicsFor, topicsOf } from './channels.ts'
import type { Interest } from './interest.ts'
import { difference } from './sets.ts'
import type { Update } from './updates.ts'

const NOBODY: ReadonlySet<never> = new Set()

/** Who subscribes to what, both ways. */
export class Audience<Subscriber> {
  readonly #topics = new Map<Subscriber, ReadonlySet<string>>()
  readonly #subscribers = new Map<string, Set<Subscriber>>()

  /** Puts the subscriptions of somebody in place of those before. */
  set(subscriber: Subscriber, channels: Channels): void {
    const topics = topicsOf(channels)
    const before = this.#topics.get(subscriber) ?? new Set<string>()
    for (const topic of difference(before, topics)) this.#leave(topic, subscriber)
    for (const topic of difference(topics, before)) this.#enter(topic, subscriber)
    if (topics.size > 0) this.#topics.set(subscriber, topics)
    else this.#topics.delete(subscriber)
  }

  /** The updates for each, in order. */
  share(updates: readonly Update[]): ReadonlyMap<Subscriber, readonly Update[]> {
    const shares = new Map<Subscriber, Update[]>()
    const give = (subscriber: Subscriber, update: Update): void => {
      const share = shares.get(subscriber)
      if (share === undefined) shares.set(subscriber, [update])
      else share.push(update)
    }
    for (const update of updates) {
      const [named, all] = topicsFor(update).map((topic) => this.#subscribers.get(topic))
      for (const subscriber of all ?? NOBODY) give(subscriber, update)
      for (const subscriber of named ?? NOBODY) if (all?.has(subscriber) !== true) give(subscriber, update)
    }
    return shares
  }

  /** What all of them together want. */
  interest(): Interest {
    const wanted = { bar: new Set<string>(), ticks: new Set<string>() }
    for (const topic of this.#subscribers.keys()) {
      const [channel, ...symbol] = topic.split(' ')
      wanted[channel === 'trades' ? 'ticks' : 'bar'].add(symbol.join(' '))
    }
    return wanted
  }

  #enter(topic: string, subscriber: Subscriber): void {
    const subscribers = this.#subscribers.get(topic)
    if (subscribers === undefined) this.#subscribers.set(topic, new Set([subscriber]))
    else subscribers.add(subscriber)
  }

  #leave(topic: string, subscriber: Subscriber): void {
    const subscribers = this.#subscribers.get(topic)
    subscribers?.delete(subscriber)
    if (subscribers?.size === 0) this.#subscribers.delete(topic)
  }
}
