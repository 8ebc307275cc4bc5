import { synthesize } from '../../bin/embedded/synthesize.ts'

/** Synthesizes stage `local` while other tests run, so that the first deployment need not wait for it. */
export default function setUp(): () => Promise<void> {
  // A deployment that fails by the same reason says it.
  const synthesized = synthesize().catch(() => undefined)
  return async () => {
    await synthesized
  }
}
