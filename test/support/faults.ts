/** What a call comes to: it dies before it took effect, or after, or it does not. */
export type Fault = 'none' | 'before' | 'after'

/** A call that comes to the next of `faults`, which it takes; to none when there are no more, or to what is no `Fault`. */
export async function meetFault<Result>(
  faults: unknown[],
  work: () => Promise<Result> | Result,
): Promise<Result> {
  const fault = faults.shift()
  if (fault === 'before') throw new Error('died before the call took effect')
  const result = await work()
  if (fault === 'after') throw new Error('died after the call took effect')
  return result
}
