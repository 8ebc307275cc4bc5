import { badValue } from './config-error.ts'
import type { Parsed } from './schema.ts'

/** A topic without the part that publishes to it, and addresses without a topic. */
export function refuseAlerts({ alerts, alertTopic, alertEmails }: Parsed): void {
  if (alertTopic === 'on' && alerts === 'off')
    throw badValue('alertTopic', alertTopic, 'alerts is off: set it to on too, or leave this out')
  if (alertEmails !== undefined && alertTopic === 'off')
    throw badValue('alertEmails', alertEmails, 'alertTopic is off: set it to on too, or leave this out')
  const all = alertEmails?.split(',') ?? []
  const twice = all.find((each, index) => all.indexOf(each) < index)
  if (twice !== undefined) throw badValue('alertEmails', alertEmails, `${twice} is there twice`)
}
