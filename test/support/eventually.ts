import { setTimeout as wait } from 'node:timers/promises'

/** Waits until `condition` gives something other than undefined or false; throws after 30 s, or as many as given. */
export const eventually = async <Value>(
  what: string,
  condition: () => Value | Promise<Value>,
  { seconds = 30, everyMs = 10 }: { readonly seconds?: number; readonly everyMs?: number } = {},
): Promise<NonNullable<Value>> => {
  const giveUp = Date.now() + seconds * 1000
  for (;;) {
    const value = await condition()
    if (value !== undefined && value !== null && value !== false) return value
    if (Date.now() > giveUp) throw new Error(`Waited ${seconds} s in vain: ${what}`)
    await wait(everyMs)
  }
}
