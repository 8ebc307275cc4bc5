import type { Item, StateCodec, StateStore, Versioned } from '../../functions/shared/dynamodb/state-store.ts'

/** A state store in memory; runs the same contract tests as the one over DynamoDB. States pass through the codec. */
export function createMemoryStateStore<State>(codec: StateCodec<State>): StateStore<State> {
  const items = new Map<string, { readonly version: number; readonly item: Item }>()
  const read = ({ version, item }: { version: number; item: Item }): Versioned<State> => ({
    version,
    state: codec.decode(item),
  })
  return {
    async load(keys) {
      const found = new Map<string, Versioned<State>>()
      for (const key of keys) {
        const stored = items.get(key)
        if (stored !== undefined) found.set(key, read(stored))
      }
      return found
    },
    async commit(key, state, { expectedVersion }) {
      const stored = items.get(key)
      if ((stored?.version ?? 0) !== expectedVersion)
        return { type: 'conflict', current: stored && read(stored) }
      items.set(key, { version: expectedVersion + 1, item: codec.encode(state) })
      return { type: 'committed' }
    },
    async *pending() {
      for (const [key, stored] of items) if ('pending' in stored.item) yield [key, read(stored)] as const
    },
  }
}
