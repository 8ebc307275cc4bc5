import { signal } from '@preact/signals'

import { readIndicatorNames, readIndicators, readPatterns, readRevisions } from '../api/reads.ts'
import { messageOf } from '../api/request.ts'
import type { IndicatorMinute } from '../api/schemas.ts'
import type { Bar } from '../market/bar.ts'
import { type Correction, correctionsOf, type Revision } from '../market/corrections.ts'
import { groupIndicators, type IndicatorGroup } from '../market/indicator-groups.ts'
import { type Pattern, type PatternChange, withChange, withPatterns } from '../market/patterns.ts'
import type { ChartSubject } from './chart-model.ts'
import { Later } from './later.ts'
import { notify } from './notices.ts'

/** Of longer charts, so many days are read. */
const MOST_DAYS = 30
const MOST_PATTERNS = 5000
const WRITTEN_MS = 4000

/** What belongs to the bars of a chart: corrections, patterns and indicators. */
export class ChartSignals {
  readonly corrections = signal<readonly Correction[]>([])
  readonly patterns = signal<readonly Pattern[]>([])
  /** Which indicators there are. */
  readonly groups = signal<readonly IndicatorGroup[]>([])
  /** By Unix seconds of the minute. */
  readonly values = signal<ReadonlyMap<number, IndicatorMinute>>(new Map())
  readonly #subject: ChartSubject
  readonly #abort: AbortSignal
  readonly #later = new Later()
  readonly #revisions = signal<readonly Revision[]>([])
  /** Whether somebody has chosen an indicator, and from which time on they are read. */
  #first: number | undefined
  #names: readonly string[] = []

  constructor(subject: ChartSubject, abort: AbortSignal) {
    this.#subject = subject
    this.#abort = abort
  }

  /** Indicators and patterns are of minutes. */
  get areOfMinutes(): boolean {
    return this.#subject.timeframe === '1Min'
  }

  /** @param first Unix seconds of the first bar */
  async load(first: number | undefined): Promise<void> {
    if (first === undefined) return
    this.#first = first
    await Promise.all([
      this.#readCorrections(first),
      this.#readPatterns(first, undefined),
      this.#readGroups(),
    ])
    await this.#readValues(first, undefined)
  }

  /** Continues to the left. */
  async loadBefore(before: number, first: number | undefined): Promise<void> {
    if (first === undefined || first >= before) return
    this.#first = first
    await Promise.all([
      this.#readCorrections(first),
      this.#readPatterns(first, before - 60),
      this.#readValues(first, before - 60),
    ])
  }

  /** Reads the values of these from now on. */
  async choose(names: readonly string[]): Promise<void> {
    const added = names.some((name) => !this.#names.includes(name))
    this.#names = names
    if (added && this.#first !== undefined) await this.#readValues(this.#first, undefined)
  }

  /** Shows a correction at once, and reads when it was written. */
  takeCorrection(bar: Bar, before: Bar | undefined): void {
    if (before !== undefined && before.revision < bar.revision) {
      const at = new Date().toISOString()
      const stamps = { writtenAt: at, closedAt: at }
      const added = { time: bar.time, before: { ...before, ...stamps }, after: { ...bar, ...stamps } }
      this.corrections.value = [...this.corrections.value, added]
    }
    this.#later.run('corrections', WRITTEN_MS, () => this.#readCorrections(this.#first))
  }

  takePatterns(change: PatternChange): void {
    if (!this.areOfMinutes || this.#subject.asof !== null) return
    this.patterns.value = withChange(this.patterns.value, change, MOST_PATTERNS)
  }

  takeIndicators(minute: IndicatorMinute): void {
    if (!this.areOfMinutes || this.#subject.asof !== null || this.#names.length === 0) return
    this.#mergeValues([minute])
  }

  dispose(): void {
    this.#later.clear()
  }

  async #readCorrections(first: number | undefined): Promise<void> {
    if (first === undefined) return
    await this.#attempt('Corrections', async () => {
      const read = await readRevisions(this.#subject.symbol, { start: this.#from(first) }, this.#abort)
      this.#revisions.value = read
      const known = this.#subject.asof
      // Every correction is kept: the slider for `asof` steps from one to the next.
      this.corrections.value = correctionsOf(this.#revisions.value).filter(
        ({ after }) => known === null || Date.parse(after.writtenAt) <= Date.parse(known),
      )
    })
  }

  /** Times at which corrections were written, ISO 8601, oldest first. */
  writtenTimes(): readonly string[] {
    return correctionsOf(this.#revisions.value)
      .map(({ after }) => after.writtenAt)
      .toSorted()
  }

  async #readPatterns(first: number, last: number | undefined): Promise<void> {
    if (!this.areOfMinutes) return
    await this.#attempt('Patterns', async () => {
      const { symbol } = this.#subject
      const range = {
        start: this.#from(first),
        end: isoOf(last),
        symbols: symbol,
        limit: String(MOST_PATTERNS),
      }
      const read = await readPatterns(range, this.#abort)
      const known = read.filter(({ detectedAt }) => this.#wasKnown(detectedAt))
      this.patterns.value = withPatterns(this.patterns.value, known, MOST_PATTERNS)
    })
  }

  async #readGroups(): Promise<void> {
    if (!this.areOfMinutes) return
    await this.#attempt('The list of indicators', async () => {
      this.groups.value = groupIndicators(await readIndicatorNames(this.#subject.symbol, this.#abort))
    })
  }

  async #readValues(first: number, last: number | undefined): Promise<void> {
    if (!this.areOfMinutes || this.#names.length === 0) return
    await this.#attempt('Indicators', async () => {
      const range = { start: this.#from(first), end: isoOf(last), names: this.#names }
      this.#mergeValues(await readIndicators(this.#subject.symbol, range, this.#abort))
    })
  }

  #mergeValues(minutes: readonly IndicatorMinute[]): void {
    const values = new Map(this.values.value)
    for (const minute of minutes) {
      const known = values.get(minute.time)
      if (!this.#wasKnown(minute.calculatedAt) || (known?.revision ?? 0) > minute.revision) continue
      values.set(minute.time, { ...minute, values: { ...known?.values, ...minute.values } })
    }
    this.values.value = values
  }

  /** Of values that were computed again, the API has the last: whether that was known at `asof`. */
  #wasKnown(computedAt: number): boolean {
    const { asof } = this.#subject
    return asof === null || computedAt <= Date.parse(asof)
  }

  #from(first: number): string {
    const earliest = Date.now() / 1000 - MOST_DAYS * 86_400
    return isoOf(Math.max(first, Math.floor(earliest / 60) * 60)) ?? ''
  }

  async #attempt(what: string, work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      if (!this.#abort.aborted)
        notify('error', `${what} of ${this.#subject.symbol} cannot be read. ${messageOf(error)}`)
    }
  }
}

function isoOf(seconds: number | undefined): string | undefined {
  return seconds === undefined ? undefined : new Date(seconds * 1000).toISOString()
}
