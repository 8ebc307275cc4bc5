import type { APIGatewayProxyResult } from 'aws-lambda'

const TITLES = {
  'not-found': 'There is no such resource',
  'method-not-allowed': 'The method is wrong',
  'not-an-operator': 'This is for operators',
  'bad-body': 'The body is wrong',
  'bad-parameter': 'A parameter is wrong',
  'no-flag': 'There is no such flag',
  'no-dead-letter': 'There is no such dead letter',
  'may-be-applied': 'Some of it may have been applied',
  busy: 'Another redrive is running',
  internal: 'The operation failed',
} as const

/** A request that is refused; the answer says why. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError'
  readonly answer: APIGatewayProxyResult

  constructor(answer: APIGatewayProxyResult) {
    super(`refused with ${answer.statusCode}`)
    this.answer = answer
  }
}

/** JSON that no cache keeps. */
export function json(
  statusCode: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): APIGatewayProxyResult {
  return {
    statusCode,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers },
    body: JSON.stringify(value),
  }
}

/** An error as RFC 9457 has it. */
export function problem(
  status: number,
  kind: keyof typeof TITLES,
  detail: string,
  headers: Readonly<Record<string, string>> = {},
): APIGatewayProxyResult {
  const body = { type: `urn:tickstock:${kind}`, title: TITLES[kind], status, detail }
  return json(status, body, { 'content-type': 'application/problem+json', ...headers })
}
