import type { Clock } from '../../clock.ts'
import { limits } from './limits.ts'

/** What became of a message: `refused` without asking a function. */
export type Handled = 'passed-on' | 'refused'

export type MessageIntake = {
  readonly take: (text: string) => void
  /** Forgets what waits. */
  readonly end: () => void
}

type MessageIntakeOptions = {
  readonly handle: (text: string) => Promise<Handled>
  /** Whether the client's bytes are read. */
  readonly read: (mode: 'on' | 'off') => void
  readonly clock: Clock
}

/**
 * Handles the messages of one connection, a few at a time. While more wait, nothing more is read from the client, and a
 * refusal keeps its place for a moment: whoever storms is slowed down, and nobody else.
 */
export function createMessageIntake({ handle, read, clock }: MessageIntakeOptions): MessageIntake {
  const waiting: string[] = []
  const refusals = new Set<() => void>()
  let handled = 0
  let ended = false
  const leave = (): void => {
    handled--
    const isFull = waiting.length > 0
    fill()
    if (isFull && waiting.length === 0) read('on')
  }
  const one = async (text: string): Promise<void> => {
    if ((await handle(text)) === 'passed-on' || ended) return leave()
    const cancel = clock.after(limits.refusalMs, () => {
      refusals.delete(cancel)
      leave()
    })
    refusals.add(cancel)
  }
  const fill = (): void => {
    while (handled < limits.messagesAtOnce) {
      const text = waiting.shift()
      if (text === undefined) return
      handled++
      void one(text)
    }
  }
  return {
    take: (text) => {
      if (ended) return
      waiting.push(text)
      fill()
      if (waiting.length > 0) read('off')
    },
    end: () => {
      ended = true
      waiting.length = 0
      for (const cancel of refusals) cancel()
    },
  }
}
