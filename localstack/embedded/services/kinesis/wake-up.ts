/** Tells listeners of a topic that something changed, once for all changes of one turn of the event loop. */
export type WakeUp = {
  notify(topic: string): void
  subscribe(topic: string, listener: () => void): () => void
}

export function createWakeUp(): WakeUp {
  const listeners = new Map<string, Set<() => void>>()
  const changed = new Set<string>()

  const tell = () => {
    const topics = [...changed]
    changed.clear()
    for (const topic of topics) for (const listener of listeners.get(topic) ?? []) listener()
  }

  return {
    notify(topic) {
      if (!listeners.has(topic)) return
      // After the I/O of this turn, so that answers to producers leave before consumers start working.
      if (changed.size === 0) setImmediate(tell)
      changed.add(topic)
    },
    subscribe(topic, listener) {
      const own = () => listener()
      const ofTopic = listeners.get(topic) ?? new Set()
      listeners.set(topic, ofTopic.add(own))
      return () => {
        ofTopic.delete(own)
        if (ofTopic.size === 0 && listeners.get(topic) === ofTopic) listeners.delete(topic)
      }
    },
  }
}
