import * as z from 'zod'
import { cfnNumber, resourceType } from '../../template/resource-type.ts'

/** `AWS::CloudFormation::CustomResource` and `Custom::*`: every other property is the function's own. */
export const customResource = resourceType({
  properties: z.looseObject({ ServiceToken: z.string(), ServiceTimeout: cfnNumber.default(3600) }),
  create: ({ ServiceToken, ServiceTimeout, ...properties }, { logicalId, type, services }) =>
    services.customResources.ensure({
      logicalId,
      type,
      serviceToken: ServiceToken,
      properties,
      timeoutSeconds: ServiceTimeout,
    }),
})
