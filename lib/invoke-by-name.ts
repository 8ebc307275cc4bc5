import { ArnFormat, Stack } from 'aws-cdk-lib'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'

import { nameOf } from '../functions/shared/runtime/deployment-name.ts'
import { type Config, isOnAws } from './config/config.ts'
import type { PartFunction } from './part-function.ts'

/** What a part is invoked by: the name of its function, with its alias where it has one. */
export function invokedName(config: Config, part: string): string {
  return `${nameOf(config)}-${part}${isOnAws(config) ? ':live' : ''}`
}

/** Lets a function invoke another or itself; by name, since a reference to itself would be circular. */
export function grantInvokeByName(caller: PartFunction, name: string): void {
  const resource = Stack.of(caller).formatArn({
    service: 'lambda',
    resource: 'function',
    resourceName: name,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  })
  caller.addToRolePolicy(new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [resource] }))
}
