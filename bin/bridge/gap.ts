import { messageOf } from 'embedded-aws/errors'

import type { Bar, Received } from './updates.ts'

export type GapOptions = {
  /** Bars from a time on, page by page. @param start Unix milliseconds */
  readonly readBars: (start: number) => AsyncIterable<readonly Bar[]>
  readonly pass: (records: readonly Received[], origin: 'live' | 'missed') => void
  /** Called when what was missed cannot be had. */
  readonly onGivenUp: (reason: string) => void
  readonly onNote: (text: string) => void
  /** After how long the bars of a gap are read once more. @default 5000 */
  readonly settleMs?: number | undefined
  /** @default 15 minutes */
  readonly longestGapMs?: number | undefined
}

/** How long before a gap a bar may have begun that is closed, or corrected, within it. */
const BEFORE_MS = 5 * 60_000
/** A longer gap is left to clients: what they have missed is in the REST API. */
const LONGEST_MS = 15 * 60_000
/** Records that may wait while a gap is read. */
const MAX_HELD = 200_000
/** The database may have a bar some moments after the WebSocket API. */
const SETTLE_MS = 5000

/** The times without a subscription: what was missed in one is passed on before what follows. */
export class Gap {
  readonly #options: GapOptions
  /** Since when records are missed. */
  #lostAt: number | undefined
  /** Received while the bars before them are read. */
  #held: Received[] = []
  /** Changes when a reading that is under way is of no use any more. */
  #reading = 0
  #settling: NodeJS.Timeout | undefined
  #lasting: NodeJS.Timeout | undefined

  constructor(options: GapOptions) {
    this.#options = options
  }

  /** Passes records on, or keeps them until those before them are. */
  take(records: readonly Received[]): void {
    if (this.#lostAt === undefined) return this.#options.pass(records, this.#origin())
    this.#held.push(...records)
    if (this.#held.length > MAX_HELD) this.#giveUp(`more than ${MAX_HELD} records came meanwhile`)
  }

  begin(): void {
    this.#lostAt ??= Date.now()
    this.#reading++
    const { longestGapMs = LONGEST_MS } = this.#options
    this.#lasting ??= setTimeout(
      () => this.#giveUp(`nothing was received for ${seconds(longestGapMs)}`),
      longestGapMs,
    )
  }

  /** Passes on the bars that were missed, then what has come since; does nothing where there is no gap. */
  async end(): Promise<void> {
    if (this.#lostAt === undefined) return
    const reading = ++this.#reading
    const resumedAt = Date.now()
    const missed = seconds(resumedAt - this.#lostAt)
    if (!(await this.#read(reading, this.#lostAt))) return
    this.#close()
    const { settleMs = SETTLE_MS, onNote, pass } = this.#options
    onNote(`connected to TickStock again after ${missed}; no bar was missed`)
    clearTimeout(this.#settling)
    this.#settling = setTimeout(() => void this.#settle(reading, resumedAt), settleMs)
    pass(this.#held.splice(0), this.#origin())
  }

  stop(): void {
    this.#close()
    clearTimeout(this.#settling)
    this.#reading++
  }

  async #settle(reading: number, resumedAt: number): Promise<void> {
    if (await this.#read(reading, resumedAt)) this.#settling = undefined
  }

  /** Soon after a gap, a bar may be corrected of which nothing has been received, and which the database did not have yet. */
  #origin(): 'live' | 'missed' {
    return this.#settling === undefined ? 'live' : 'missed'
  }

  /** False when the connection was lost again meanwhile, or the API does not give the bars. */
  async #read(reading: number, since: number): Promise<boolean> {
    try {
      for await (const bars of this.#options.readBars(since - BEFORE_MS)) {
        if (reading !== this.#reading) return false
        this.#options.pass(bars, 'missed')
      }
      return reading === this.#reading
    } catch (error) {
      if (reading === this.#reading) this.#giveUp(`what was missed cannot be read: ${messageOf(error)}`)
      return false
    }
  }

  #close(): void {
    this.#lostAt = undefined
    clearTimeout(this.#lasting)
    this.#lasting = undefined
  }

  #giveUp(reason: string): void {
    this.#close()
    clearTimeout(this.#settling)
    this.#settling = undefined
    this.#held = []
    this.#reading++
    this.#options.onGivenUp(reason)
  }
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`
}
