import { randomUUID } from 'node:crypto'
import { ServiceError } from '../../http/json-service.ts'
import type { Refusal } from '../../http/answer.ts'
import type { HttpHandler, HttpRequest, HttpResponse } from '../../http/message.ts'
import { element, xml } from '../../http/xml.ts'
import type { EndpointAccess } from '../../service.ts'
import { readPublish } from './publish-request.ts'
import type { Topics } from './published.ts'

/** A message of 256 KB, each byte of which may take three in a form, and what is around it. */
const largestBody = 1024 * 1024

export const snsLimits = {
  maxBodyBytes: largestBody,
  refuse: ({ status, message }: Refusal): HttpResponse => refused('InvalidParameter', message, status),
} as const

/** What a Publish needs by IAM: the action on its topic. */
export const snsAccess: EndpointAccess = {
  needed: (request) => {
    const form = formOf(request)
    const [action, topic] = [form.get('Action'), form.get('TopicArn')]
    return action === null ? [] : [{ action: `sns:${action}`, resource: topic ?? '*' }]
  },
  deny: (message) => refused('AuthorizationError', message, 403),
}

/** Speaks the AWS query protocol: a form with `Action`, answered in XML. */
export function snsApi(topics: Topics, throttles: () => boolean): HttpHandler {
  return (request) => {
    const form = formOf(request)
    try {
      const action = form.get('Action')
      if (action !== 'Publish')
        throw new ServiceError('InvalidAction', `SNS does not support ${action} here. Supported: Publish.`)
      if (throttles()) throw new ServiceError('Throttling', 'Rate exceeded')
      return answered('Publish', element('MessageId', topics.publish(readPublish(form))))
    } catch (error) {
      if (error instanceof ServiceError) return refused(error.type, error.message, error.status)
      throw error
    }
  }
}

function formOf({ body }: Pick<HttpRequest, 'body'>): URLSearchParams {
  return new URLSearchParams(body.toString())
}

const headers = { 'content-type': 'text/xml' }

function answered(action: string, result: string): HttpResponse {
  const metadata = element('ResponseMetadata', [element('RequestId', randomUUID())])
  const content = [element(`${action}Result`, [result]), metadata]
  return { status: 200, headers, body: xml(element(`${action}Response`, content)) }
}

function refused(code: string, message: string, status: number): HttpResponse {
  const type = element('Type', status < 500 ? 'Sender' : 'Receiver')
  const error = element('Error', [type, element('Code', code), element('Message', message)])
  const body = xml(element('ErrorResponse', [error, element('RequestId', randomUUID())]))
  return { status, headers, body }
}
