/** What waits, by whom it is for: each client has its turn, however much of its own is waiting; what is urgent comes first. */
export type FairQueue<Item> = {
  readonly push: (client: string, item: Item) => void
  readonly pushUrgent: (item: Item) => void
  /** The oldest item that is urgent, or of the client whose turn it is; undefined if nothing waits. */
  readonly shift: () => Item | undefined
  readonly size: () => number
}

export function createFairQueue<Item>(): FairQueue<Item> {
  // The first has its turn: a client that has had it goes to the end.
  const waiting = new Map<string, Item[]>()
  const urgent: Item[] = []
  let size = 0
  return {
    pushUrgent: (item) => {
      urgent.push(item)
      size += 1
    },
    push: (client, item) => {
      const items = waiting.get(client)
      if (items === undefined) waiting.set(client, [item])
      else items.push(item)
      size += 1
    },
    shift: () => {
      if (urgent.length > 0) {
        size -= 1
        return urgent.shift()
      }
      const [turn] = waiting
      if (turn === undefined) return undefined
      const [client, items] = turn
      const item = items.shift()
      waiting.delete(client)
      if (items.length > 0) waiting.set(client, items)
      size -= 1
      return item
    },
    size: () => size,
  }
}
