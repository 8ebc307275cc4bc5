import { setTimeout } from 'node:timers/promises'

import type { Runtime } from '../../localstack/embedded/runtime.ts'

/** Whether indicators and patterns are there, as bars are. */
export type Settled = { readonly signals: 'complete' | 'behind' }

/** How long the analytics part may stand still before nobody waits for it. */
const PATIENCE_MS = 10_000
const LOOK_EVERY_MS = 20

/**
 * Resolves when all bars are written, and all signals, unless the analytics part makes no headway.
 *
 * @param options.others functions that write no rows, for which nobody waits
 */
export async function settle(
  runtime: Pick<Runtime, 'idle' | 'lag'>,
  { analytics, others }: { readonly analytics: string; readonly others: readonly string[] },
): Promise<Settled> {
  const written = () => runtime.idle({ except: [analytics, ...others] })
  await written()
  const left = (): number => {
    const own = runtime.lag().find(({ functionName }) => functionName === analytics)
    return own?.records ?? 0
  }
  let least = left()
  let since = Date.now()
  for (let now = least; now > 0; now = left()) {
    if (now < least) {
      least = now
      since = Date.now()
    }
    if (Date.now() - since > PATIENCE_MS) return { signals: 'behind' }
    await setTimeout(LOOK_EVERY_MS)
  }
  await written()
  return { signals: 'complete' }
}
