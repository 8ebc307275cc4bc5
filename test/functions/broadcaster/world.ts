import type { KinesisStreamRecord } from 'aws-lambda'
import * as z from 'zod'

import { type Audience, createAudience } from '../../../functions/broadcaster/audience.ts'
import {
  type BroadcasterMeasures,
  createBroadcast,
  createRoutes,
} from '../../../functions/broadcaster/broadcaster.ts'
import type { ConnectionStore } from '../../../functions/broadcaster/connection-store.ts'
import type { Connections } from '../../../functions/broadcaster/connections.ts'
import type { StreamRecord } from '../../../functions/broadcaster/subscriptions.ts'
import { kinesisRecord } from '../../support/kinesis-event.ts'
import { createMemoryConnectionStore } from '../../support/memory-connection-store.ts'

/** Unix milliseconds. */
export const NOW = 1_762_795_500_140

/** What becomes of a call: `refused` has done nothing, `lost` has done all, and both are told to have failed. */
export type Fate = 'good' | 'refused' | 'lost'

/** A client at its end of a connection. */
export type Client = {
  readonly id: string
  /** All that it got, in order: arrays of records, and answers. */
  readonly received: unknown[]
  isOpen: boolean
}

/** The function with its table in memory, and the clients at the other ends of its connections. */
export class World {
  readonly store: ConnectionStore
  readonly measured: BroadcasterMeasures[] = []
  readonly logged: { readonly message: string; readonly details: Readonly<Record<string, unknown>> }[] = []
  now = NOW
  /** Decides on each message and each end of a connection. */
  fateOf: (call: 'post' | 'end', id: string) => Fate = () => 'good'
  /** Posts that have begun and not ended, and the most there ever were. */
  posting = 0
  mostPosting = 0
  /** What posts wait for. */
  pause: (id: string) => Promise<void> = async () => {}
  /** The clients' ends of the connections. */
  readonly ends: Connections
  readonly consume: ReturnType<typeof createBroadcast>
  readonly #route: ReturnType<typeof createRoutes>
  readonly #clients = new Map<string, Client>()

  /**
   * @param audience how batches find their connections, made from the store; by default as the function does
   */
  constructor(
    store: ConnectionStore = createMemoryConnectionStore(),
    audience: (world: World) => Audience = () => createAudience(store, () => this.now),
  ) {
    this.store = store
    this.ends = this.#connections()
    const parts = { store, audience: audience(this), connections: this.ends, now: () => this.now }
    const log = (message: string, details: Readonly<Record<string, unknown>>) =>
      void this.logged.push({ message, details })
    const telemetry = {
      measure: (measures: BroadcasterMeasures) => void this.measured.push(measures),
      logger: { warn: log, error: log },
    }
    this.consume = createBroadcast(parts, telemetry)
    this.#route = createRoutes(parts, telemetry)
  }

  async connect(id: string): Promise<Client> {
    await this.happen('CONNECT', id)
    const client = { id, received: [], isOpen: true }
    this.#clients.set(id, client)
    return client
  }

  async say(id: string, message: unknown): Promise<void> {
    await this.happen('MESSAGE', id, typeof message === 'string' ? message : JSON.stringify(message))
  }

  async subscribed(id: string, ...symbols: readonly string[]): Promise<Client> {
    const client = await this.connect(id)
    await this.say(id, { action: 'subscribe', symbols })
    client.received.length = 0
    return client
  }

  /** Its client leaves without the function being told. */
  vanish(id: string): void {
    const client = this.#clients.get(id)
    if (client !== undefined) client.isOpen = false
  }

  async happen(
    eventType: 'CONNECT' | 'DISCONNECT' | 'MESSAGE',
    connectionId: string,
    body?: string,
    isBase64Encoded = false,
  ): Promise<unknown> {
    return await this.#route({
      requestContext: { eventType, connectionId },
      isBase64Encoded,
      ...(body !== undefined && { body }),
    })
  }

  #connections(): Connections {
    const fateOf = async (call: 'post' | 'end', id: string): Promise<Fate> => {
      this.mostPosting = Math.max(this.mostPosting, ++this.posting)
      await this.pause(id)
      this.posting--
      return this.fateOf(call, id)
    }
    const failed = { type: 'failed', error: new Error('the client takes nothing') } as const
    return {
      post: async (id, text) => {
        const fate = await fateOf('post', id)
        const client = this.#clients.get(id)
        if (client?.isOpen !== true) return { type: 'gone' }
        if (fate !== 'refused') client.received.push(JSON.parse(text))
        return fate === 'good' ? { type: 'sent' } : failed
      },
      end: async (id) => {
        const fate = await fateOf('end', id)
        if (fate !== 'refused') this.vanish(id)
        return fate === 'good' ? { type: 'ended' } : failed
      },
    }
  }
}

/** Asks the index for each batch. */
export const BY_INDEX: Audience = { everyone: async () => undefined }

/** Records as Lambda hands them to the function. */
export function batchOf(records: readonly (StreamRecord | string)[], first = 1): KinesisStreamRecord[] {
  return records.map((record, index) =>
    kinesisRecord({
      data: typeof record === 'string' ? record : JSON.stringify(record),
      partitionKey: typeof record === 'string' ? 'poison' : record.symbol,
      sequence: first + index,
      arrivedAt: NOW,
    }),
  )
}

/** The records that a client got, one after the other. */
export function recordsOf({ received }: Client): unknown[] {
  return received.filter((each) => Array.isArray(each)).flatMap((each) => z.array(z.unknown()).parse(each))
}
