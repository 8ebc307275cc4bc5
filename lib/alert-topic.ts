import { Topic } from 'aws-cdk-lib/aws-sns'
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions'
import type { Construct } from 'constructs'

import { nameOf } from '../functions/shared/runtime/deployment-name.ts'
import type { Config } from './config/config.ts'

/**
 * The topic to which alerts are published, and the addresses that get them as e-mail. A standard topic: a FIFO topic has no
 * subscribers by e-mail, SMS or HTTPS.
 */
export function createAlertTopic(scope: Construct, config: Config): Topic | undefined {
  const { alertTopic, alertEmails } = config
  if (alertTopic === 'off') return undefined
  const topic = new Topic(scope, 'Topic', { topicName: `${nameOf(config)}-alerts`, enforceSSL: true })
  for (const address of alertEmails?.split(',') ?? []) topic.addSubscription(new EmailSubscription(address))
  return topic
}
