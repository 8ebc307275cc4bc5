import { RemovalPolicy } from 'aws-cdk-lib'
import type { RestApi } from 'aws-cdk-lib/aws-apigateway'
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs'
import type { Construct } from 'constructs'

/** Creates the log of API Gateway's own errors; API Gateway would create it without retention and outside the stack. */
export function createExecutionLogs(scope: Construct, rest: RestApi, stage: string): void {
  const logs = new LogGroup(scope, 'ExecutionLogs', {
    logGroupName: `API-Gateway-Execution-Logs_${rest.restApiId}/${stage}`,
    retention: RetentionDays.ONE_MONTH,
    removalPolicy: RemovalPolicy.DESTROY,
  })
  rest.deploymentStage.node.addDependency(logs)
}
