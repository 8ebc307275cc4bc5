import { nearlyNormal, sfc32 } from './random.ts'
import type { Random } from './random.ts'

/** Steps that are walked one after the other; a walk can begin at any multiple of it. */
const SEGMENT_STEPS = 64

/** Segments after which the walk passes through a point drawn anew around its mean, so that it never drifts off. */
const SEGMENTS_PER_SPAN = 1024

/** The standard deviation of a path's level, for a standard deviation of 1 of its steps. */
export const STRAY_PER_DEVIATION = Math.sqrt((SEGMENTS_PER_SPAN * SEGMENT_STEPS) / 2)

const WORD = 2 ** 32

/** Names that give each purpose its own random numbers. */
const PURPOSE = { span: 1, midpoint: 2, segment: 3, detail: 4 } as const

/**
 * A random walk around 0 that is a function of seed and step number alone, so that it can be entered anywhere.
 *
 * Over short times it is Brownian with the given deviation per step, calmer in some minutes and wilder in others;
 * over a span of 65,536 steps it comes back to its mean. The points between segments are found by halving a span
 * (midpoint displacement), the steps inside a segment by walking a bridge from one point to the next.
 */
export class PricePath {
  readonly #seed: readonly [number, number]
  readonly #deviation: number
  #segment = -1
  #step = 0
  #level = 0
  #target = 0
  #wildness = 1
  #random: Random = () => 0

  /**
   * @param seed two 32-bit words
   * @param deviation standard deviation of one step
   */
  constructor(seed: readonly [number, number], deviation: number) {
    this.#seed = seed
    this.#deviation = deviation
  }

  /** The level at `step`, from 0; cheap when steps are asked for one after the other. */
  levelAt(step: number): number {
    const segment = Math.floor(step / SEGMENT_STEPS)
    const within = step - segment * SEGMENT_STEPS
    if (segment !== this.#segment || within < this.#step) this.#enter(segment)
    while (this.#step < within) this.#advance()
    return this.#level
  }

  /** Random numbers for whatever else belongs to `step`. */
  detailsAt(step: number): Random {
    return this.#draw(PURPOSE.detail, step)
  }

  #enter(segment: number): void {
    this.#random = this.#draw(PURPOSE.segment, segment)
    this.#wildness = 0.5 + 1.5 * this.#random() ** 2
    this.#level = this.#point(segment)
    this.#target = this.#point(segment + 1)
    this.#segment = segment
    this.#step = 0
  }

  #advance(): void {
    const left = SEGMENT_STEPS - this.#step
    const noise = this.#deviation * this.#wildness * Math.sqrt((left - 1) / left) * nearlyNormal(this.#random)
    this.#level += (this.#target - this.#level) / left + noise
    this.#step++
  }

  /** The level between segment `index - 1` and segment `index`. */
  #point(index: number): number {
    const span = Math.floor(index / SEGMENTS_PER_SPAN)
    let low = span * SEGMENTS_PER_SPAN
    let high = low + SEGMENTS_PER_SPAN
    let lowLevel = this.#spanStart(span)
    let highLevel = this.#spanStart(span + 1)
    while (low !== index) {
      const middle = (low + high) / 2
      const spread = (this.#deviation * Math.sqrt((high - low) * SEGMENT_STEPS)) / 2
      const level = (lowLevel + highLevel) / 2 + spread * nearlyNormal(this.#draw(PURPOSE.midpoint, middle))
      if (index < middle) {
        high = middle
        highLevel = level
      } else {
        low = middle
        lowLevel = level
      }
    }
    return lowLevel
  }

  /** Drawn so wide that the way from one span's start to the next has a Brownian walk's variance. */
  #spanStart(span: number): number {
    return this.#deviation * STRAY_PER_DEVIATION * nearlyNormal(this.#draw(PURPOSE.span, span))
  }

  #draw(purpose: number, index: number): Random {
    const [a, b] = this.#seed
    return sfc32([a, b ^ Math.imul(purpose, 0x9e3779b9), index % WORD, Math.floor(index / WORD)])
  }
}
