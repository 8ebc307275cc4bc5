import type { KinesisStreamRecord } from 'aws-lambda'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import {
  type ConnectionStore,
  createConnectionStore,
} from '../../../functions/broadcaster/connection-store.ts'
import type { StreamRecord } from '../../../functions/broadcaster/subscriptions.ts'
import {
  createMemoryConnectionItems,
  createMemorySubscriberIndex,
} from '../../support/memory-connection-store.ts'
import { bar } from '../bar-writer/bars.ts'
import { indicators } from '../bar-writer/signals.ts'
import { batchOf, BY_INDEX, type Client, type Fate, recordsOf, World } from './world.ts'

const SYMBOLS = ['A', 'B', 'C'] as const
const STREAMS = ['bars', 'signals'] as const
const IDS = ['one', 'two', 'three'] as const

const symbolArbitrary = fc.constantFrom(...SYMBOLS)
const streamArbitrary = fc.constantFrom(...STREAMS)
const stepArbitrary = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant('put' as const),
      stream: streamArbitrary,
      symbol: symbolArbitrary,
      /** A revision of the minute before, or the next minute. */
      isRevision: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant('deliver' as const),
      /** Of each stream, at the same time. */
      counts: fc.tuple(fc.nat(4), fc.nat(4)),
      /** Records before these that come again. */
      again: fc.constantFrom(0, 0, 1, 3),
    }),
  },
  { arbitrary: fc.record({ type: fc.constant('connect' as const), id: fc.constantFrom(...IDS) }), weight: 1 },
  { arbitrary: fc.record({ type: fc.constant('vanish' as const), id: fc.constantFrom(...IDS) }), weight: 1 },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constantFrom('subscribe' as const, 'unsubscribe' as const),
      id: fc.constantFrom(...IDS),
      symbols: fc.uniqueArray(fc.constantFrom('*', ...SYMBOLS), { minLength: 1, maxLength: 2 }),
    }),
  },
)
type Call = 'table' | 'post' | 'end'
type Fates = Record<Call, Fate[]>

const fates = (...choices: Fate[]): fc.Arbitrary<Fate[]> =>
  fc.array(fc.constantFrom(...choices), { maxLength: 40, size: 'max' })
/** What calls come to, one after the other; the table throws where it is not good. Afterwards all are good. */
const fatesArbitrary: fc.Arbitrary<Fates> = fc.record({
  table: fates('good', 'good', 'good', 'good', 'good', 'good', 'good', 'refused', 'lost'),
  post: fates('good', 'good', 'good', 'refused', 'lost'),
  end: fates('good', 'refused', 'lost'),
})

type Step = typeof stepArbitrary extends fc.Arbitrary<infer Value> ? Value : never

/** A store whose requests to its tables throw as they are fated, before or after they have been done. */
function faultyStore(fate: () => Fate): ConnectionStore {
  const [items, index] = [createMemoryConnectionItems(), createMemorySubscriberIndex()]
  const faulty =
    <Given extends unknown[], Result>(call: (...given: Given) => Promise<Result>) =>
    async (...given: Given): Promise<Result> => {
      const is = fate()
      if (is === 'refused') throw new Error('the table is away')
      const result = await call(...given)
      if (is === 'lost') throw new Error('the answer of the table is lost')
      return result
    }
  return createConnectionStore(
    {
      add: faulty((...given) => items.add(...given)),
      load: faulty((...given) => items.load(...given)),
      commit: faulty((...given) => items.commit(...given)),
      markToEnd: faulty((...given) => items.markToEnd(...given)),
      remove: faulty((...given) => items.remove(...given)),
      all: faulty((...given) => items.all(...given)),
      few: faulty((...given) => items.few(...given)),
    },
    {
      put: faulty((...given) => index.put(...given)),
      remove: faulty((...given) => index.remove(...given)),
      entries: faulty((...given) => index.entries(...given)),
      few: faulty((...given) => index.few(...given)),
      everything: faulty(() => index.everything()),
    },
  )
}

type Way = 'the function' | 'the index'

/** How batches find their connections. */
const ways: Readonly<Record<Way, ConstructorParameters<typeof World>[1]>> = {
  'the function': undefined,
  'the index': () => BY_INDEX,
}

/** Streams, clients and what each of them may rely on. */
class Run {
  readonly world: World
  readonly #fates: Fates
  readonly #streams = { bars: [] as StreamRecord[], signals: [] as StreamRecord[] }
  readonly #done = { bars: 0, signals: 0 }
  readonly #clients = new Map<string, Client>()
  /** By connection and symbol: the records that it was told it would get, as places on their streams. */
  readonly #owed = new Map<string, Map<string, Record<(typeof STREAMS)[number], number>>>()
  #connected = 0

  constructor(given: Fates, way: Way) {
    this.#fates = given
    const next = (call: Call): Fate => this.#fates[call].shift() ?? 'good'
    this.world = new World(
      faultyStore(() => next('table')),
      ways[way],
    )
    this.world.fateOf = next
  }

  async take(step: Step): Promise<void> {
    switch (step.type) {
      case 'put':
        return this.#put(step)
      case 'deliver':
        return await this.#deliver(step.counts, step.again)
      case 'connect': {
        const id = `${step.id}-${++this.#connected}`
        const client = await this.world.connect(id).catch(() => undefined)
        if (client !== undefined) this.#clients.set(step.id, client)
        return
      }
      case 'vanish': {
        const client = this.#clients.get(step.id)
        if (client !== undefined) this.world.vanish(client.id)
        return
      }
      case 'subscribe':
      case 'unsubscribe':
        return await this.#say(step)
    }
  }

  /** All goes well from now on: whatever is left is delivered, and one record more of each. */
  async settle(): Promise<void> {
    for (const left of Object.values(this.#fates)) left.length = 0
    for (const stream of STREAMS) this.#put({ stream, symbol: 'A', isRevision: false })
    await this.#deliver([Infinity, Infinity], 0)
    await this.#deliver([0, 0], 1)
  }

  /** What each client that believes to be connected was promised, and what it got of that, as places on a stream. */
  outcomes(): { readonly promised: readonly number[]; readonly got: readonly number[] }[] {
    return [...this.#clients.values()]
      .filter(({ isOpen }) => isOpen)
      .flatMap((client) =>
        [...(this.#owed.get(client.id) ?? [])].flatMap(([symbol, from]) =>
          STREAMS.map((stream) => this.#outcome(client, { stream, symbol, from: from[stream] })),
        ),
      )
  }

  #outcome(
    client: Client,
    { stream, symbol, from }: { stream: (typeof STREAMS)[number]; symbol: string; from: number },
  ) {
    const texts = this.#streams[stream].map((record) => JSON.stringify(record))
    const isPromised = (place: number): boolean =>
      place >= from && this.#streams[stream][place]?.symbol === symbol
    // What comes again counts where it came first. What was there before it subscribed may come as well, in between.
    const heard = new Set(recordsOf(client).map((record) => JSON.stringify(record)))
    return {
      promised: [...texts.keys()].filter(isPromised),
      got: [...heard].map((text) => texts.indexOf(text)).filter(isPromised),
    }
  }

  #put({ stream, symbol, isRevision }: Omit<Extract<Step, { type: 'put' }>, 'type'>): void {
    const own = this.#streams[stream].filter((record) => record.symbol === symbol)
    const minutes = new Set(own.map(({ timestamp }) => timestamp)).size
    const before = own.at(-1)
    const isAgain = isRevision && before !== undefined
    const timestamp = `2025-11-10T17:${String(isAgain ? minutes - 1 : minutes).padStart(2, '0')}:00Z`
    const revision = isAgain ? before.revision + 1 : 1
    const make = stream === 'bars' ? bar : indicators
    this.#streams[stream].push(make({ symbol, timestamp, revision }))
  }

  /** As Lambda does: a batch that fails comes again, from its first record on. */
  async #deliver(counts: readonly [number, number], again: number): Promise<void> {
    await Promise.all(
      STREAMS.map(async (stream, index) => {
        const from = Math.max(0, this.#done[stream] - again)
        const to = Math.min(this.#streams[stream].length, this.#done[stream] + (counts[index] ?? 0))
        if (to <= from) return
        const Records: KinesisStreamRecord[] = batchOf(this.#streams[stream].slice(from, to), from)
        await this.world.consume({ Records }).then(
          () => {
            this.#done[stream] = Math.max(this.#done[stream], to)
          },
          () => undefined,
        )
      }),
    )
  }

  async #say({ type, id, symbols }: Extract<Step, { type: 'subscribe' | 'unsubscribe' }>): Promise<void> {
    const client = this.#clients.get(id)
    if (client?.isOpen !== true) return
    const owed = this.#owed.get(client.id) ?? new Map<string, Record<'bars' | 'signals', number>>()
    this.#owed.set(client.id, owed)
    const meant = symbols.includes('*') ? SYMBOLS : symbols
    // Who has asked to be left in peace is owed nothing more, whether it is told so or not.
    if (type === 'unsubscribe') for (const symbol of meant) owed.delete(symbol)
    const heard = client.received.length
    await this.world.say(client.id, { action: type, symbols }).catch(() => undefined)
    const isTold = client.received.slice(heard).some((answer) => !Array.isArray(answer))
    if (type !== 'subscribe' || !isTold) return
    const now = { bars: this.#done.bars, signals: this.#done.signals }
    for (const symbol of meant) if (!owed.has(symbol)) owed.set(symbol, now)
  }
}

describe('the broadcaster', () => {
  it.each(['the function', 'the index'] as const)(
    'leaves no connected client without a record that it was told it would get, and keeps their order, whatever fails, dies, leaves or comes again, as %s finds them',
    async (way) => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(stepArbitrary, { maxLength: 60, size: 'max' }),
          fatesArbitrary,
          async (steps, given) => {
            const run = new Run({ table: [...given.table], post: [...given.post], end: [...given.end] }, way)
            for (const id of IDS) await run.take({ type: 'connect', id })
            for (const step of steps) await run.take(step)
            await run.settle()
            for (const { promised, got } of run.outcomes()) expect(got).toEqual(promised)
          },
        ),
        { numRuns: 1000 },
      )
    },
  )
})
