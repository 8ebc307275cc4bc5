import { ServiceError } from '../../http/json-service.ts'
import type { Published } from './published.ts'

/** Of the message, and the names, types and values of its attributes. https://docs.aws.amazon.com/general/latest/gr/sns.html */
const maxBytes = 256 * 1024
const maxSubject = 100
/** https://docs.aws.amazon.com/sns/latest/dg/sns-message-attributes.html */
const attributeName = /^(?!\.)(?!.*\.\.)[\w.-]{1,256}(?<!\.)$/
const reserved = /^(aws|amazon)\./i

/**
 * Reads a Publish as SNS takes it.
 * @throws ServiceError naming the parameter and its fault.
 */
export function readPublish(form: URLSearchParams): Omit<Published, 'messageId'> {
  const topicArn = form.get('TopicArn')
  const message = form.get('Message')
  if (topicArn === null) throw invalid('TopicArn or TargetArn Reason: no value for required parameter')
  if (message === null || message === '') throw invalid('Empty message')
  const subject = form.get('Subject') ?? undefined
  if (subject !== undefined) refuseSubject(subject)
  const structure = form.get('MessageStructure') ?? undefined
  if (structure !== undefined) refuseStructure(structure, message)
  const attributes = attributesOf(form)
  const counted = [...form].filter(([name]) => name === 'Message' || name.startsWith('MessageAttributes.'))
  if (counted.reduce((sum, [, text]) => sum + Buffer.byteLength(text), 0) > maxBytes)
    throw invalid('Message too long')
  return { topicArn, message, subject, structure, attributes }
}

/** ASCII that begins with a letter, a digit or punctuation, without line breaks and control characters. */
function refuseSubject(subject: string): void {
  if (subject.length === 0 || subject.length > maxSubject || !/^[!-~][ -~]*$/.test(subject))
    throw invalid('Subject')
}

function refuseStructure(structure: string, message: string): void {
  if (structure !== 'json') throw invalid('MessageStructure')
  let texts: unknown
  try {
    texts = JSON.parse(message)
  } catch {
    throw invalid('Message Structure - JSON message body failed to parse')
  }
  const isText = (value: unknown): boolean => typeof value === 'string'
  if (typeof texts !== 'object' || texts === null || !('default' in texts) || !isText(texts.default))
    throw invalid('Message Structure - No default entry in JSON message body')
}

/** `MessageAttributes.entry.N.Name`, `.Value.DataType`, `.Value.StringValue`. */
function attributesOf(form: URLSearchParams): ReadonlyMap<string, string> {
  const attributes = new Map<string, string>()
  for (let index = 1; form.has(`MessageAttributes.entry.${index}.Name`); index++) {
    const prefix = `MessageAttributes.entry.${index}.`
    const name = form.get(`${prefix}Name`) ?? ''
    const value = form.get(`${prefix}Value.StringValue`) ?? ''
    const type = form.get(`${prefix}Value.DataType`) ?? ''
    if (!attributeName.test(name) || reserved.test(name))
      throw invalidValue(`The message attribute name '${name}' is not allowed`)
    if (attributes.has(name)) throw invalidValue(`The message attribute '${name}' is there twice`)
    if (!/^(String|Number)(\.|$)/.test(type))
      throw invalidValue(
        `The message attribute '${name}' has the type '${type}'; String and Number are supported here`,
      )
    if (value === '')
      throw invalidValue(`The message attribute '${name}' must contain non-empty message attribute value`)
    attributes.set(name, value)
  }
  return attributes
}

function invalid(what: string): ServiceError {
  return new ServiceError('InvalidParameter', `Invalid parameter: ${what}`)
}

function invalidValue(message: string): ServiceError {
  return new ServiceError('ParameterValueInvalid', message)
}
