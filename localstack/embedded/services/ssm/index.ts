import { join } from 'node:path'
import { jsonLimits } from '../../http/json-service.ts'
import { defineService } from '../../service.ts'
import { ssmAccess } from './access.ts'
import { openParameterStore } from './parameter-store.ts'
import { ssmParameter } from './parameter.ts'

const dynamicReference = /^ssm(?:-secure)?:(?<name>[^:]*)(?::\d+)?$/

/** The parameters of Systems Manager. */
export const ssm = defineService({
  name: 'ssm',
  resourceTypes: { 'AWS::SSM::Parameter': ssmParameter },
  open: ({ data, region, accountId, clock }) => {
    const arnPrefix = `arn:aws:ssm:${region}:${accountId}:parameter`
    const parameters = openParameterStore(join(data, 'parameters.json'), { arnPrefix, now: clock.now })
    return {
      api: parameters,
      endpoint: {
        ...jsonLimits,
        handle: parameters.handle,
        signedAs: 'ssm',
        target: 'AmazonSSM',
        access: ssmAccess(arnPrefix),
      },
      environment: (gateway) => ({ AWS_ENDPOINT_URL_SSM: gateway }),
      resolveReference: (reference) => {
        const name = dynamicReference.exec(reference)?.groups?.['name']
        return name === undefined ? undefined : parameters.value(name)
      },
    }
  },
})
