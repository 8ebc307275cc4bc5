import { refuseUrl } from './webhook-url.ts'
import { AlertRefusal } from './refusal.ts'

/** How a rule names the topic of the deployment, where another has the URL of a webhook. */
export const TOPIC = 'topic'

/** Where messages of a deployment may go. */
export type TargetLimits = {
  readonly privateAddresses: 'allowed' | 'refused'
  /** Whether it has a topic. */
  readonly topic: 'there' | 'none'
}

/**
 * Refuses what the messages of a rule cannot be sent to.
 *
 * @throws AlertRefusal saying what is allowed
 */
export function refuseTarget(to: string, { privateAddresses, topic }: TargetLimits): void {
  if (to !== TOPIC) refuseUrl(to, privateAddresses)
  else if (topic === 'none')
    throw new AlertRefusal(
      'bad-rule',
      'to is "topic": this deployment has no topic; set alertTopic to on, or give the URL of a webhook',
    )
}
