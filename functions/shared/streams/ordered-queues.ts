/** Records that one PutRecords call takes. */
export const MAX_RECORDS_PER_PUT = 500

/** Bytes of data and partition keys in one PutRecords call: below the 5 MiB limit even as base64. */
export const MAX_BYTES_PER_PUT = 3_750_000

/** A record that a put contains: its queue and what to put. */
export type Head<Item> = { readonly key: string; readonly item: Item }

export type OrderedQueuesOptions<Item> = {
  /** Bytes of an item's data and partition key. */
  readonly bytesOf: (key: string, item: Item) => number
  /**
   * Records of a key that one put may contain. Above 1, a partly failed put may let a newer record of a key overtake an
   * older one until that is put again, and records after a failed one arrive twice.
   * @default 1
   */
  readonly ahead?: number
}

/**
 * What may be put next, so that the records of each key reach the stream in order although a put may fail in part.
 *
 *     take ── put ── settle ┬─ accepted: removed; the next records of the key are ready
 *                           └─ failed: first in their queue, held back until `release`
 *
 * A key has records in one put at a time. Different keys share puts and do not wait for each other.
 */
export class OrderedQueues<Item> {
  /** By key, oldest first. */
  readonly #queues: Map<string, Item[]>
  /** Keys with records that may be put now, in the order in which they became ready. */
  readonly #ready: Set<string>
  readonly #bytesOf: OrderedQueuesOptions<Item>['bytesOf']
  readonly #ahead: number

  /** @param queues by key the records to put, oldest first; accepted records are removed from them */
  constructor(queues: Map<string, Item[]>, { bytesOf, ahead = 1 }: OrderedQueuesOptions<Item>) {
    this.#queues = queues
    this.#ready = new Set(queues.keys())
    this.#bytesOf = bytesOf
    this.#ahead = ahead
  }

  get hasReady(): boolean {
    return this.#ready.size > 0
  }

  /** True while there is a record of the key that is not accepted. */
  has(key: string): boolean {
    return this.#queues.has(key)
  }

  /** Adds a record after the earlier ones of its key. */
  add(key: string, item: Item): void {
    const queue = this.#queues.get(key)
    if (queue !== undefined) {
      queue.push(item)
      return
    }
    this.#queues.set(key, [item])
    this.#ready.add(key)
  }

  /** The records for the next put, as many as it may contain. */
  take(): Head<Item>[] {
    const heads: Head<Item>[] = []
    let bytes = 0
    for (const key of this.#ready) {
      const taken = heads.length
      for (const item of this.#queues.get(key)?.slice(0, this.#ahead) ?? []) {
        bytes += this.#bytesOf(key, item)
        const isFull = heads.length === MAX_RECORDS_PER_PUT || bytes > MAX_BYTES_PER_PUT
        if (isFull && heads.length > 0) {
          if (heads.length > taken) this.#ready.delete(key)
          return heads
        }
        heads.push({ key, item })
      }
      this.#ready.delete(key)
    }
    return heads
  }

  /**
   * Takes in the result of a put.
   *
   * @param isAccepted whether the stream accepted the record at a place of the put
   * @returns which records the stream accepted, and which are to be put again after `release`
   */
  settle(
    heads: readonly Head<Item>[],
    isAccepted: (index: number) => boolean,
  ): { readonly accepted: Head<Item>[]; readonly failed: Head<Item>[] } {
    const accepted: Head<Item>[] = []
    const failed: Head<Item>[] = []
    const held = new Set<string>()
    for (const [index, head] of heads.entries()) {
      const { key } = head
      // A record after a failed one of its key is put again, so that the newest comes last.
      if (held.has(key) || !isAccepted(index)) {
        held.add(key)
        failed.push(head)
        continue
      }
      accepted.push(head)
      const queue = this.#queues.get(key)
      queue?.shift()
      if (queue?.length === 0) this.#queues.delete(key)
    }
    for (const { key } of accepted) if (!held.has(key) && this.#queues.has(key)) this.#ready.add(key)
    return { accepted, failed }
  }

  /** Lets failed records be put again. */
  release(failed: readonly Head<Item>[]): void {
    for (const { key } of failed) if (this.#queues.has(key)) this.#ready.add(key)
  }

  /** The newest record of each key. */
  lasts(): Item[] {
    return [...this.#queues.values()].flatMap((queue) => queue.slice(-1))
  }

  clear(): void {
    this.#ready.clear()
    this.#queues.clear()
  }
}
