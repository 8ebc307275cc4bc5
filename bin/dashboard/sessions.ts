import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Duplex } from 'node:stream'

/** Who has signed in; lives in memory only, so that a restart asks for a new key. */
export type Session = {
  readonly hash: Buffer
  /** Unix milliseconds. */
  lastUsed: number
  /** Its WebSocket connections, which end with it. */
  readonly sockets: Set<Duplex>
}

const IDLE_MS = 12 * 3600 * 1000
/** More than a person needs; the oldest ends for one more. */
const MOST_SESSIONS = 32
const MOST_KEYS = 32

/** One-time keys, and the sessions that they were exchanged for. Only hashes are kept, and compared in constant time. */
export class Sessions {
  #keys: Buffer[] = []
  #sessions: Session[] = []
  readonly #now: () => number

  /** @param now the wall clock, in milliseconds */
  constructor(now: () => number = Date.now) {
    this.#now = now
  }

  /** A new key, which signs in once. */
  newKey(): string {
    const key = randomToken()
    this.#keys = [...this.#keys, hashOf(key)].slice(-MOST_KEYS)
    return key
  }

  /** Exchanges a key for the id of a new session; undefined when it is not valid, or was used before. */
  signIn(key: string): string | undefined {
    const hash = hashOf(key)
    const known = this.#keys.length
    this.#keys = this.#keys.filter((each) => !timingSafeEqual(each, hash))
    if (this.#keys.length === known) return undefined
    const id = randomToken()
    this.#sessions.push({ hash: hashOf(id), lastUsed: this.#now(), sockets: new Set() })
    for (const session of this.#sessions.slice(0, -MOST_SESSIONS)) this.end(session)
    return id
  }

  /** The session of an id, which this use prolongs; undefined when there is none, or it was idle for 12 hours. */
  find(id: string): Session | undefined {
    const since = this.#now() - IDLE_MS
    for (const session of this.#sessions.filter(({ lastUsed }) => lastUsed <= since)) this.end(session)
    const hash = hashOf(id)
    const found = this.#sessions.find((session) => timingSafeEqual(session.hash, hash))
    if (found !== undefined) this.use(found)
    return found
  }

  /** Prolongs a session. */
  use(session: Session): void {
    session.lastUsed = this.#now()
  }

  /** Ends a session and its connections. */
  end(session: Session): void {
    this.#sessions = this.#sessions.filter((each) => each !== session)
    for (const socket of session.sockets) socket.destroy()
  }

  /** Ends all of them. */
  endAll(): void {
    for (const session of this.#sessions) this.end(session)
  }
}

/** 256 random bits as text. */
export function randomToken(): string {
  return randomBytes(32).toString('base64url')
}

/** Whether two secrets are the same, in a time that tells nothing of them. */
export function isSameSecret(given: string, secret: string): boolean {
  return timingSafeEqual(hashOf(given), hashOf(secret))
}

function hashOf(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
