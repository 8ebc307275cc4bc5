import { PublishCommand, type PublishCommandInput, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type SnsServer, startSnsServer } from './server.ts'

const TopicArn = 'arn:aws:sns:us-east-1:000000000000:alerts'
let server: SnsServer
let client: SNSClient
let throttled = 0

beforeAll(async () => {
  server = await startSnsServer({ throttle: () => throttled-- > 0 })
  server.topics.ensure(TopicArn)
  client = clientOf(1)
})
afterAll(async () => {
  client.destroy()
  await server.close()
})

function clientOf(maxAttempts: number): SNSClient {
  return new SNSClient({
    endpoint: server.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts,
  })
}

function publish(input: Omit<PublishCommandInput, 'TopicArn'>) {
  return client.send(new PublishCommand({ TopicArn, ...input }))
}

function attribute(StringValue: string, DataType = 'String') {
  return { DataType, StringValue }
}

function last() {
  return server.topics.published(TopicArn).at(-1)
}

test('a topic keeps what was published, with subject and attributes, under the id of the answer', async () => {
  const { MessageId } = await publish({
    Message: '{"default":"ü <&>"}',
    MessageStructure: 'json',
    Subject: 'AAPL: close > 150.25',
    MessageAttributes: { symbol: attribute('AAPL'), revision: attribute('2', 'Number') },
  })
  expect(last()).toEqual({
    messageId: MessageId,
    topicArn: TopicArn,
    message: '{"default":"ü <&>"}',
    structure: 'json',
    subject: 'AAPL: close > 150.25',
    attributes: new Map([
      ['symbol', 'AAPL'],
      ['revision', '2'],
    ]),
  })
})

test('a message and its attributes have 256 KB, in bytes', async () => {
  const limit = 256 * 1024
  await publish({ Message: 'ü'.repeat(limit / 2) })
  expect(last()?.message).toHaveLength(limit / 2)
  const tooLong = { name: 'InvalidParameterException', message: 'Invalid parameter: Message too long' }
  await expect(publish({ Message: 'ü'.repeat(limit / 2) + 'a' })).rejects.toMatchObject(tooLong)
  const MessageAttributes = { symbol: attribute('AAPL') }
  const inAttributes = 'symbol'.length + 'String'.length + 'AAPL'.length
  await publish({ Message: 'a'.repeat(limit - inAttributes), MessageAttributes })
  await expect(
    publish({ Message: 'a'.repeat(limit - inAttributes + 1), MessageAttributes }),
  ).rejects.toMatchObject(tooLong)
})

test.each([
  ['', 'Empty message', {}],
  ['x', 'Subject', { Subject: 'a'.repeat(101) }],
  ['x', 'Subject', { Subject: 'zwei\nZeilen' }],
  ['x', 'Subject', { Subject: ' space first' }],
  ['x', 'Subject', { Subject: 'für' }],
  ['x', 'JSON message body failed to parse', { MessageStructure: 'json' }],
  ['{"email":"x"}', 'No default entry', { MessageStructure: 'json' }],
])('the message %j is refused for its %s', async (Message, fault, more) => {
  const before = server.topics.published(TopicArn).length
  await expect(publish({ Message, ...more })).rejects.toMatchObject({
    name: 'InvalidParameterException',
    message: expect.stringContaining(fault),
  })
  expect(server.topics.published(TopicArn)).toHaveLength(before)
})

test.each([
  ['symbol', ''],
  ['AWS.symbol', 'x'],
  ['.symbol', 'x'],
  ['a..b', 'x'],
  ['a b', 'x'],
])('the attribute %s of value %j is refused', async (name, value) => {
  await expect(
    publish({ Message: 'x', MessageAttributes: { [name]: attribute(value) } }),
  ).rejects.toMatchObject({ name: 'InvalidParameterValueException' })
})

test('what there is no topic for is not found, and what SNS does not do here is named', async () => {
  await expect(
    client.send(new PublishCommand({ TopicArn: `${TopicArn}-none`, Message: 'x' })),
  ).rejects.toMatchObject({ name: 'NotFoundException', message: 'Topic does not exist' })
  await expect(client.send(new SubscribeCommand({ TopicArn, Protocol: 'email' }))).rejects.toThrow(
    'SNS does not support Subscribe here. Supported: Publish.',
  )
})

test('a request that is throttled is one that the SDK tries again', async () => {
  throttled = 1
  await expect(publish({ Message: 'x' })).rejects.toMatchObject({ $metadata: { httpStatusCode: 400 } })
  const patient = clientOf(3)
  throttled = 1
  await patient.send(new PublishCommand({ TopicArn, Message: 'again' }))
  patient.destroy()
  expect(last()?.message).toBe('again')
})
