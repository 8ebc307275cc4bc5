import type { Clock } from '../clock.ts'
import type { Random } from '../random.ts'
import { connect, type Connection } from './connection.ts'
import type { Keys, Venue, VenueEvent } from './venue.ts'

export type KeepConnectedOptions = {
  readonly venue: Venue
  readonly symbols: readonly string[]
  readonly keys: Keys
  readonly muteMs: number
  readonly clock: Clock
  readonly random: Random
  readonly signal: AbortSignal
  readonly onEvent: (event: VenueEvent) => void
  readonly report: (text: string) => void
  /** Called before a connection is made. */
  readonly onConnecting?: () => void
  readonly onConnected?: () => void
}

/** A connection that is replaced whenever it ends. */
export type KeptConnection = {
  /** Resolves when the signal aborts, or no symbol is left. */
  readonly finished: Promise<void>
  pause(): void
  resume(): void
}

const FIRST_WAIT_MS = 500
const LONGEST_WAIT_MS = 30_000
/** A connection is replaced before the venue ends it, at this share of its life. */
const SHARE_OF_LIFE = 0.98
/** Bad frames that are told; the others are counted. */
const BAD_FRAMES_TOLD = 3

/** Keeps symbols subscribed, without end: after any end with a growing and random wait, before a planned one without a hole. */
export function keepConnected(options: KeepConnectedOptions): KeptConnection {
  const { venue, clock, random, signal, report, onEvent, onConnected } = options
  let symbols = options.symbols
  const open = new Set<Connection>()
  let isPaused = false
  let badFrames = 0
  signal.addEventListener('abort', () => open.forEach((connection) => connection.close()), { once: true })

  const refuse = (refused: readonly string[], reason: string): void => {
    const concerned = symbols.filter((symbol) => refused.includes(symbol))
    symbols = symbols.filter((symbol) => !refused.includes(symbol))
    report(
      concerned.length === 0
        ? `refused: ${reason}`
        : `${concerned.join(', ')} refused, and left out: ${reason}`,
    )
  }
  const start = (): Connection => {
    options.onConnecting?.()
    const connection = connect({
      venue,
      symbols,
      keys: options.keys,
      muteMs: options.muteMs,
      onEvent: (event) => {
        if (event.type === 'refused') refuse(event.symbols, event.reason)
        else if (event.type === 'notice') report(event.text)
        onEvent(event)
      },
      onBadFrame: ({ message }) => {
        badFrames++
        if (badFrames <= BAD_FRAMES_TOLD) report(`a frame that cannot be read: ${message}`)
      },
    })
    open.add(connection)
    void connection.ended.then(() => open.delete(connection))
    if (isPaused) connection.pause()
    return connection
  }

  const run = async (): Promise<void> => {
    let failures = 0
    let before: Connection | undefined
    while (!signal.aborted && symbols.length > 0) {
      const connection = start()
      const replaced = before
      let wasSubscribed = false
      void connection.subscribed.then(() => {
        wasSubscribed = true
        replaced?.close()
        onConnected?.()
      })
      const end = await endOf(connection, { lifetimeMs: venue.lifetimeMs, clock, signal })
      if (end === 'old') {
        before = connection
        continue
      }
      if (signal.aborted) break
      failures = wasSubscribed ? 0 : failures + 1
      // Of attempts that fail one after the other, the first is told.
      if (wasSubscribed) report(`the connection has ended: ${end}; it is made again`)
      else if (failures === 1)
        report(
          `no connection to ${new URL(venue.webSocketUrl).host}: ${end}; it is tried again until there is one`,
        )
      await clock.sleep(random() * Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** failures), signal)
    }
    for (const connection of open) connection.close()
    await Promise.all([...open].map(({ ended }) => ended))
  }

  return {
    finished: run(),
    pause: () => {
      isPaused = true
      for (const connection of open) connection.pause()
    },
    resume: () => {
      isPaused = false
      for (const connection of open) connection.resume()
    },
  }
}

/** Why a connection has ended, or that it has become old. */
async function endOf(
  { ended }: Connection,
  {
    lifetimeMs,
    clock,
    signal,
  }: { readonly lifetimeMs: number | undefined; readonly clock: Clock; readonly signal: AbortSignal },
): Promise<string> {
  if (lifetimeMs === undefined) return await ended
  const done = new AbortController()
  const old = clock.sleep(lifetimeMs * SHARE_OF_LIFE, AbortSignal.any([signal, done.signal]))
  const end = await Promise.race([ended, old.then(() => 'old' as const)])
  done.abort()
  return end === 'old' && signal.aborted ? await ended : end
}
