/** A command cannot do what it was asked to; the message says why and what to do, and is printed without a stack. */
export class UsageError extends Error {
  override readonly name: string = 'UsageError'
}
