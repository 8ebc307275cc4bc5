import { randomUUID } from 'node:crypto'
import { ServiceError } from '../../http/json-service.ts'

/** A message that a topic has taken, as it was published. */
export type Published = {
  readonly messageId: string
  readonly topicArn: string
  readonly message: string
  readonly subject: string | undefined
  /** `json`: the message has a text for each protocol. */
  readonly structure: string | undefined
  readonly attributes: ReadonlyMap<string, string>
}

export type Topics = {
  /** Makes a topic; one that exists stays. */
  readonly ensure: (topicArn: string) => void
  /**
   * Takes a message.
   * @throws ServiceError NotFound when there is no such topic.
   */
  readonly publish: (message: Omit<Published, 'messageId'>) => string
  /** What a topic has taken since the runtime started, the oldest first; of very many the newest. */
  readonly published: (topicArn: string) => readonly Published[]
}

/** Messages that are kept for each topic: nobody is subscribed who would take them. */
const kept = 1000

export function createTopics(): Topics {
  const topics = new Map<string, Published[]>()
  return {
    ensure: (topicArn) => void (topics.has(topicArn) || topics.set(topicArn, [])),
    publish: (message) => {
      const messages = topics.get(message.topicArn)
      if (messages === undefined) throw new ServiceError('NotFound', 'Topic does not exist', { status: 404 })
      const messageId = randomUUID()
      messages.push({ messageId, ...message })
      if (messages.length > kept) messages.shift()
      return messageId
    },
    published: (topicArn) => [...(topics.get(topicArn) ?? [])],
  }
}
