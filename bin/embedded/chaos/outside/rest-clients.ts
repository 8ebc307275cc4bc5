import { setTimeout as wait } from 'node:timers/promises'

import { hashText, type Random, sfc32 } from '../../../../feed/random.ts'
import type { Answer, Request } from './history.ts'
import { type Api, readBars } from './read-bars.ts'
import type { Recorder } from './recorder.ts'

export type RestClientsOptions = {
  readonly symbols: readonly string[]
  readonly clients: number
  readonly seed: number
}

/** Clients that read bars over REST all the time. */
export type RestClients = {
  /** Ends their reading, once what they have asked for is answered. */
  stop(): Promise<void>
}

/** Between two questions of a client. */
const PAUSE_MS = 100
/** The span of a question begins so long before the newest bar of its symbol at the most. */
const SPAN_MINUTES = 30
/** Answered questions as of a time that a client asks again and again. */
const ASOF_KEPT = 100
/** How long before now a question is as of, in seconds: beyond, on and before the edge of what is allowed, and not yet. */
const ASOF_SECONDS = [300, 61, 59, 20, -30, -120] as const

/** Starts clients that ask for newest bars, bars of a span, their revisions, and bars as of a time, the last again and again. */
export function startRestClients(api: Api, recorder: Recorder, options: RestClientsOptions): RestClients {
  const ending = new AbortController()
  const running = Array.from({ length: options.clients }, (_, client) =>
    new Reader(api, recorder, { ...options, client }).read(ending.signal),
  )
  return {
    stop: async () => {
      ending.abort()
      await Promise.all(running)
    },
  }
}

/** Asks for all bars and revisions of each symbol in a span; to be there once everything is done. */
export async function readAll(
  api: Api,
  recorder: Recorder,
  {
    symbols,
    start,
    end,
  }: { readonly symbols: readonly string[]; readonly start: string; readonly end: string },
): Promise<void> {
  for (const symbol of symbols)
    for (const kind of ['bars', 'revisions'] as const)
      recorder.note(await readBars(api, { client: 0, request: { kind, symbol, start, end } }))
}

class Reader {
  readonly #api: Api
  readonly #recorder: Recorder
  readonly #symbols: readonly string[]
  readonly #client: number
  readonly #random: Random
  /** Unix milliseconds of the newest bar of each symbol that it has seen. */
  readonly #newest = new Map<string, number>()
  /** Questions as of a time that have an answer. */
  readonly #asof: Request[] = []

  constructor(
    api: Api,
    recorder: Recorder,
    { symbols, client, seed }: Omit<RestClientsOptions, 'clients'> & { readonly client: number },
  ) {
    this.#api = api
    this.#recorder = recorder
    this.#symbols = symbols
    this.#client = client
    const [a, b] = hashText(`reader ${seed} ${client}`)
    this.#random = sfc32([a, b, seed >>> 0, 3])
  }

  async read(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const answer = await readBars(this.#api, { client: this.#client, request: this.#nextRequest() })
      this.#take(answer)
      await wait(PAUSE_MS, undefined, { signal }).catch(() => undefined)
    }
  }

  #take(answer: Answer): void {
    this.#recorder.note(answer)
    if (answer.request.kind === 'asof' && answer.status === 200) this.#keep(answer.request)
    for (const { symbol, timestamp } of answer.bars)
      this.#newest.set(symbol, Math.max(this.#newest.get(symbol) ?? 0, Date.parse(timestamp)))
  }

  #keep(request: Request): void {
    if (this.#asof.includes(request)) return
    this.#asof.push(request)
    if (this.#asof.length > ASOF_KEPT) this.#asof.splice(Math.floor(this.#random() * ASOF_KEPT), 1)
  }

  #nextRequest(): Request {
    const symbol = this.#oneOf(this.#symbols) ?? ''
    const newest = this.#newest.get(symbol)
    if (newest === undefined || this.#random() < 0.2) return { kind: 'latest', symbols: [...this.#symbols] }
    const span = {
      symbol,
      start: minute(newest - Math.floor(this.#random() * SPAN_MINUTES) * 60_000),
      end: minute(newest + 60_000),
    }
    const choice = this.#random()
    if (choice < 0.3) return { kind: 'bars', ...span }
    if (choice < 0.5) return { kind: 'revisions', ...span }
    const again = this.#random() < 0.5 ? this.#oneOf(this.#asof) : undefined
    if (again !== undefined) return again
    const asof = new Date(Date.now() - (this.#oneOf(ASOF_SECONDS) ?? 0) * 1000).toISOString()
    return { kind: 'asof', ...span, asof }
  }

  #oneOf<Item>(items: readonly Item[]): Item | undefined {
    return items[Math.floor(this.#random() * items.length)]
  }
}

function minute(time: number): string {
  return `${new Date(time).toISOString().slice(0, 16)}:00Z`
}
