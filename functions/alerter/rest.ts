import { operatorOf } from '../shared/access/operator.ts'
import { type Answer, answerRequest, problem } from './answer.ts'
import { proxyEventSchema } from './events.ts'
import type { ManagedAlerts } from './manage-alerts.ts'

export type RestDeps = {
  readonly alerts: ManagedAlerts
  /** Who says that a caller is an operator. */
  readonly access: 'keys' | 'clients' | 'people'
  readonly logError: (message: string, error: unknown) => void
}

/** Answers requests of the REST API to `/v1/alerts` and what is below. */
export function createRest({ alerts, access, logError }: RestDeps): (event: unknown) => Promise<Answer> {
  return async (event) => {
    try {
      const by = operatorOf(event, access)
      if (by === undefined) return problem('not-operator', NOT_OPERATOR[access])
      const {
        httpMethod: method,
        path,
        queryStringParameters,
        body,
        isBase64Encoded,
      } = proxyEventSchema.parse(event)
      const text = isBase64Encoded === true ? Buffer.from(body ?? '', 'base64').toString() : body
      const query = queryStringParameters ?? {}
      return await answerRequest(alerts, { method, path, query, body: text ?? undefined, by })
    } catch (error) {
      logError('a request failed by our own fault', error)
      return problem('internal', 'This is a fault of the API, not of the request; it was logged.')
    }
  }
}

const SEND_KEY =
  'Alerts are for operators: send a key that npx tickstock keys create NAME --operator has made.'

const NOT_OPERATOR = {
  keys: SEND_KEY,
  clients: SEND_KEY,
  people:
    'Alerts are for operators: sign in as somebody of the group operator, or send a key that npx tickstock keys create NAME --operator has made.',
}
