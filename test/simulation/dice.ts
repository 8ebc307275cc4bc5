import { hashText, type Random, sfc32 } from '../../feed/random.ts'

/** Decisions of a seed. Each name has numbers of its own, so that one more decision of one actor leaves the others as they are. */
export class Dice {
  readonly #random: Random

  constructor(seed: number, name: string) {
    this.#random = sfc32([seed >>> 0, Math.floor(seed / 2 ** 32) >>> 0, ...hashText(name)])
  }

  /** A number in [0, 1). */
  readonly next = (): number => this.#random()

  chance(probability: number): boolean {
    return this.#random() < probability
  }

  /** A whole number from `least` to `most`, both included. */
  whole(least: number, most: number): number {
    return least + Math.floor(this.#random() * (most - least + 1))
  }

  pick<Item>(items: readonly Item[]): Item {
    const item = items[Math.floor(this.#random() * items.length)]
    if (item === undefined) throw new Error('there is nothing to pick from')
    return item
  }
}
