import { setTimeout } from 'node:timers/promises'

/** Resolves at a time, Unix milliseconds, and at once when it has passed: a timer may fire a little early. */
export async function until(time: number): Promise<void> {
  for (let left = time - Date.now(); left > 0; left = time - Date.now()) await setTimeout(left)
}
