import * as z from 'zod'
import { allows } from './invoke-policy.ts'

/** Who an authorizer's function says that calls; the context as integrations get it: as text. */
export type Authorization = {
  readonly principalId: string
  readonly context: Readonly<Record<string, string>>
  readonly usageIdentifierKey: string | undefined
  readonly allows: (methodArn: string) => 'allowed' | 'denied' | 'explicitly-denied'
}

const statementSchema = z.strictObject({
  Sid: z.string().optional(),
  Effect: z.enum(['Allow', 'Deny']),
  Action: z.union([z.string(), z.array(z.string()).min(1)]).transform((value) => [value].flat()),
  Resource: z.union([z.string(), z.array(z.string()).min(1)]).transform((value) => [value].flat()),
})

const schema = z.object({
  principalId: z.string().min(1),
  policyDocument: z.object({
    Version: z.enum(['2012-10-17', '2008-10-17']).optional(),
    Statement: z
      .union([statementSchema, z.array(statementSchema).min(1)])
      .transform((value) => [value].flat()),
  }),
  /** Objects and arrays are an error on AWS, too. */
  context: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]).transform(String)).nullish(),
  usageIdentifierKey: z.string().nullish(),
})

/**
 * The output of an authorizer's function; undefined if API Gateway would not take it. Conditions of a policy are not
 * supported: a statement with one is not taken.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-output.html
 */
export function readAuthorization(payload: unknown): Authorization | undefined {
  const parsed = schema.safeParse(payload)
  if (!parsed.success) return undefined
  const { principalId, policyDocument, context, usageIdentifierKey } = parsed.data
  return {
    principalId,
    context: context ?? {},
    usageIdentifierKey: usageIdentifierKey ?? undefined,
    allows: (methodArn) => allows(policyDocument.Statement, methodArn),
  }
}
