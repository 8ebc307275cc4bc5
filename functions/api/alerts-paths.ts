import { z } from '@hono/zod-openapi'

import { firingListSchema, firingViewSchema, type FiringView } from '../alerter/firing.ts'
import { testResultSchema } from '../alerter/manage-alerts.ts'
import { ruleRequestSchema } from '../alerter/rule-request.ts'
import { newRuleSchema, ruleListSchema, type RuleView, ruleViewSchema } from '../alerter/rule.ts'
import { type OperatorRoute, operatorRoutes } from './operator-routes.ts'

const PROBLEMS = {
  400: 'The request is wrong: what, its value, and what is allowed',
  401: 'The API key is missing or wrong',
  403: 'The caller is no operator',
  404: 'There is no such rule or firing; or the deployment has alerts off',
  405: 'A method that the path does not have',
  409: 'There are 100 rules; or the delivery has not failed',
  429: 'Too many requests',
  500: 'A fault of the API',
  503: 'The API does not answer',
} as const

const RULE_ID = '20251110-160000000-k7x2'

/** What a rule is added with. */
const BODY = {
  condition: 'close crosses above 150.25',
  symbols: ['AAPL'],
  to: 'https://example.com/alerts',
}

const RULE: RuleView = {
  id: RULE_ID,
  name: 'close crosses above 150.25',
  condition: 'close crosses above 150.25',
  symbols: ['AAPL'],
  to: 'https://example.com/alerts',
  max_age_minutes: 1440,
  created_at: '2025-11-10T16:00:00.000Z',
  created_by: 'ann@example.com',
}

const FIRING: FiringView = {
  id: '20251110T172400Z-5d41402abc4b2a76b9719d91',
  rule_id: RULE_ID,
  condition: 'close crosses above 150.25',
  symbol: 'AAPL',
  timestamp: '2025-11-10T17:24:00Z',
  revision: 1,
  fired_at: '2025-11-10T17:25:12.031Z',
  delivery: 'delivered',
  attempts: 1,
  last_error: null,
  ended_at: '2025-11-10T17:25:12.190Z',
}

const PATHS: readonly OperatorRoute[] = [
  {
    method: 'get',
    path: '/v1/alerts',
    summary: 'Rules',
    description: 'The rules that send alerts, the oldest first, without their secrets. For operators.',
    answer: ruleListSchema,
    example: { rules: [RULE] },
  },
  {
    method: 'post',
    path: '/v1/alerts',
    summary: 'Add a rule',
    description:
      'Sends a message for each minute of a symbol that meets the condition, to a webhook or to the topic of the deployment: docs/alerts.md. `symbols` is `*` by default; the answer has the secret of the signatures of a webhook, once. For operators.',
    body: ruleRequestSchema,
    answer: newRuleSchema,
    example: { ...RULE, secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' },
    status: 201,
  },
  {
    method: 'get',
    path: '/v1/alerts/{id}',
    summary: 'A rule',
    description: 'A rule, without its secret. For operators.',
    answer: ruleViewSchema,
    example: RULE,
  },
  {
    method: 'delete',
    path: '/v1/alerts/{id}',
    summary: 'Remove a rule',
    description: 'Removes a rule; what of it is not delivered yet is not sent. For operators.',
    answer: ruleViewSchema,
    example: RULE,
  },
  {
    method: 'post',
    path: '/v1/alerts/{id}/test',
    summary: 'Test a rule',
    description: 'Sends the receiver of a rule a message of the type `alert.test` now, once. For operators.',
    answer: testResultSchema,
    example: { delivered: true, detail: 'the receiver answered 204' },
  },
  {
    method: 'get',
    path: '/v1/alerts/firings',
    summary: 'Firings',
    description:
      'What fired in the last 90 days, the newest minute first, and whether it is delivered. For operators.',
    query: z.object({
      limit: z.int().min(1).max(200).default(50),
      page_token: z.string().optional(),
    }),
    answer: firingListSchema,
    example: { firings: [FIRING], next_page_token: null },
  },
  {
    method: 'post',
    path: '/v1/alerts/firings/{id}/retry',
    summary: 'Deliver a firing again',
    description: 'Delivers a firing again whose delivery has failed. For operators.',
    answer: firingViewSchema,
    example: { ...FIRING, delivery: 'waiting', attempts: 0, ended_at: null },
    status: 202,
  },
]

/** The resources of the part `alerter`, for the OpenAPI document. */
export const ALERTS_PATHS = operatorRoutes(PATHS, {
  tag: 'alerts',
  id: RULE_ID,
  body: BODY,
  problems: PROBLEMS,
})
