import * as z from 'zod'
import { cfnNumber, resourceType } from '../../template/resource-type.ts'
import type { ResourceContext } from '../../template/resource-type.ts'
import type { CustomResources } from './custom-resources.ts'

/** `AWS::CloudFormation::CustomResource` and `Custom::*`: every other property is the function's own. */
export const customResource = resourceType({
  properties: z.looseObject({ ServiceToken: z.string(), ServiceTimeout: cfnNumber.default(3600) }),
  create: (
    { ServiceToken, ServiceTimeout, ...properties },
    { logicalId, type, gateway, api }: ResourceContext<CustomResources>,
  ) =>
    api.ensure({
      logicalId,
      type,
      serviceToken: ServiceToken,
      properties,
      gateway,
      timeoutSeconds: ServiceTimeout,
    }),
})
