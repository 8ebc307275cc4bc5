import type { Send } from './message.ts'
import type { PostWebhook } from './post-webhook.ts'
import type { Publish } from './publish.ts'
import { TOPIC } from './target.ts'

export type Senders = {
  readonly post: PostWebhook
  /** Undefined where the deployment has no topic. */
  readonly publish: Publish | undefined
}

/** Sends messages to the topic of the deployment, or to webhooks, as their rules say. */
export function createSend({ post, publish }: Senders): Send {
  return async ({ to, secret }, message) => {
    if (to !== TOPIC)
      return secret === null
        ? { type: 'refused', reason: 'its rule has no secret to sign with: add it again' }
        : await post({ url: to, secret, id: message.id, body: message.body })
    // The rule is of a time when there was one, and may be of one to come.
    return (
      (await publish?.(message)) ?? {
        type: 'failed',
        reason: 'the deployment has no topic any more: set alertTopic to on',
      }
    )
  }
}
