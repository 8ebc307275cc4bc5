import * as z from 'zod'
import { arnOf, inert, inertProperties, physicalName, resourceType } from '../../template/resource-type.ts'
import type { ResourceContext } from '../../template/resource-type.ts'
import type { Lambda } from './lambda.ts'

/** A statement of the policy of a function: who else may invoke it. A version or an alias has that of its function. */
export const lambdaPermission = resourceType({
  properties: z.strictObject({
    Action: z.string(),
    FunctionName: z.string(),
    Principal: z.string(),
    SourceArn: z.string().optional(),
    SourceAccount: z.string().optional(),
    PrincipalOrgID: inert('there are no organizations'),
    EventSourceToken: inert('no Alexa skill invokes functions here'),
    ...inertProperties('functions have no URLs', 'FunctionUrlAuthType', 'InvokedViaFunctionUrl'),
  }),
  create: (
    { Action, FunctionName, Principal, SourceArn, SourceAccount },
    context: ResourceContext<Lambda>,
  ) => {
    const { functions, iam } = context.api
    const name = functions.find(FunctionName) ?? FunctionName
    const arn = arnOf(context, 'lambda', `function:${name}`)
    const conditions = {
      ...(SourceArn !== undefined && { ArnLike: { 'aws:SourceArn': SourceArn } }),
      ...(SourceAccount !== undefined && { StringEquals: { 'aws:SourceAccount': SourceAccount } }),
    }
    const kind = Principal.endsWith('.amazonaws.com') ? 'Service' : 'AWS'
    const statement = {
      Effect: 'Allow',
      Principal: { [kind]: Principal },
      Action,
      Resource: arn,
      ...(Object.keys(conditions).length > 0 && { Condition: conditions }),
    }
    iam.addResourcePolicy(arn, { Version: '2012-10-17', Statement: [statement] })
    return { ref: physicalName(context, 128), attributes: {} }
  },
})
