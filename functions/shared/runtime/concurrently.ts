/** Runs `work` for each item, at most `limit` at a time; rejects as `work` does, after all have ended. */
export async function concurrently<Item>(
  items: Iterable<Item>,
  limit: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const queue = items[Symbol.iterator]()
  const lanes = Array.from({ length: limit }, async () => {
    for (let next = queue.next(); next.done !== true; next = queue.next()) await work(next.value)
  })
  const ended = await Promise.allSettled(lanes)
  for (const lane of ended) if (lane.status === 'rejected') throw lane.reason
}
