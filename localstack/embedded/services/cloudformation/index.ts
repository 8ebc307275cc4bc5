import { join } from 'node:path'
import * as z from 'zod'
import { defineService } from '../../service.ts'
import { because, inert, resourceType } from '../../template/resource-type.ts'
import { lambda } from '../lambda/index.ts'
import { customResource } from './custom-resource.ts'
import { customResourcePath, openCustomResources } from './custom-resources.ts'
import type { CustomResources } from './custom-resources.ts'

const cdkMetadata = resourceType({
  properties: z.strictObject({ Analytics: inert(because.naming) }),
  create: (_properties, { logicalId }) => ({ ref: logicalId, attributes: {} }),
})

/** What of a template is CloudFormation's own: custom resources, and the CDK's note about itself. */
export const cloudformation = defineService<CustomResources>({
  name: 'cloudformation',
  resourceTypes: {
    'AWS::CDK::Metadata': cdkMetadata,
    'AWS::CloudFormation::CustomResource': customResource,
    'Custom::*': customResource,
  },
  open: (context) => {
    const { data, region, accountId, stackName, clock } = context
    const customResources = openCustomResources(join(data, 'custom-resources.json'), {
      stackId: `arn:aws:cloudformation:${region}:${accountId}:stack/${stackName}/embedded`,
      clock,
      invoke: lambda.of(context).functions.invoke,
    })
    return {
      api: customResources,
      endpoint: {
        handle: customResources.handle,
        // https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html
        maxBodyBytes: 4096,
        takesPath: (path) => path.startsWith(customResourcePath),
      },
    }
  },
})
