import { Validations } from 'aws-cdk-lib'
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import type { LogGroup } from 'aws-cdk-lib/aws-logs'
import type { Construct } from 'constructs'

/** What Lambda itself needs to run a function in a network, on behalf of the function. */
const NETWORK_ACTIONS = [
  'ec2:CreateNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:DeleteNetworkInterface',
  'ec2:AssignPrivateIpAddresses',
  'ec2:UnassignPrivateIpAddresses',
]

/** The role of one function: it may write to its own log and, when `network` is `own`, run in a network. */
export function createFunctionRole(
  scope: Construct,
  id: string,
  { logGroup, network }: { readonly logGroup: LogGroup; readonly network: 'none' | 'own' },
): Role {
  const log = new PolicyStatement({
    actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    resources: [logGroup.logGroupArn],
  })
  const attach = new PolicyStatement({ actions: NETWORK_ACTIONS, resources: ['*'] })
  const role = new Role(scope, id, {
    assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    inlinePolicies: {
      run: new PolicyDocument({ statements: network === 'own' ? [log, attach] : [log] }),
    },
  })
  Validations.of(role).acknowledge({
    id: 'AwsSolutions-IAM5[Resource::*]',
    reason:
      'Network interfaces and traces have no names that could be granted; test/lib/may-touch.test.ts lists them.',
  })
  return role
}
