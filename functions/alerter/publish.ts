import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns'

import type { Attempt, Message } from './message.ts'

/** Publishes a message once to the topic of the deployment; never rejects. */
export type Publish = (message: Message) => Promise<Attempt>

/** The longest that SNS takes. */
const SUBJECT_LENGTH = 100

/** Publishes to a standard topic: its subscribers get the body, those by e-mail a subject and a text that is laid out. */
export function createPublish(client: Pick<SNSClient, 'send'>, topicArn: string): Publish {
  return async ({ id, type, body, rule, symbol }) => {
    const attributes = { id, type, rule: rule.id, ...(symbol !== undefined && { symbol }) }
    try {
      const { MessageId = '' } = await client.send(
        new PublishCommand({
          TopicArn: topicArn,
          Subject: subjectOf(symbol, rule.name),
          MessageStructure: 'json',
          Message: JSON.stringify({ default: body, email: laidOut(body) }),
          MessageAttributes: Object.fromEntries(
            Object.entries(attributes).map(([name, value]) => [
              name,
              { DataType: 'String', StringValue: value },
            ]),
          ),
        }),
      )
      return { type: 'delivered', detail: `the topic took it as ${MessageId}` }
    } catch (error) {
      return { type: 'failed', reason: `the topic: ${reasonOf(error)}` }
    }
  }
}

/** SNS takes ASCII, without line breaks, and no space at the beginning. */
function subjectOf(symbol: string | undefined, name: string): string {
  const text = symbol === undefined ? `test: ${name}` : `${symbol}: ${name}`
  return text
    .replaceAll(/[^ -~]/g, '?')
    .trimStart()
    .slice(0, SUBJECT_LENGTH)
}

function laidOut(body: string): string {
  const content: unknown = JSON.parse(body)
  return JSON.stringify(content, null, 2)
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
}
