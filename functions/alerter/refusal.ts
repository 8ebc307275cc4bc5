/** Why something cannot be done with alerts; the message is for whoever asked. */
export class AlertRefusal extends Error {
  override readonly name = 'AlertRefusal'
  readonly kind: keyof typeof REFUSALS

  constructor(kind: AlertRefusal['kind'], message: string) {
    super(message)
    this.kind = kind
  }
}

/** By kind: the status of HTTP, and the title of the problem. */
export const REFUSALS = {
  'bad-rule': { status: 400, title: 'The rule cannot be taken' },
  'bad-parameter': { status: 400, title: 'A parameter is wrong' },
  'no-rule': { status: 404, title: 'There is no such rule' },
  'no-firing': { status: 404, title: 'There is no such firing' },
  'not-failed': { status: 409, title: 'The delivery has not failed' },
  'too-many-rules': { status: 409, title: 'There are too many rules' },
} as const
