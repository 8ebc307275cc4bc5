import type { RestApi } from 'aws-cdk-lib/aws-apigateway'
import { CfnWebACL, CfnWebACLAssociation } from 'aws-cdk-lib/aws-wafv2'
import type { Construct } from 'constructs'

import { nameOf } from '../functions/shared/runtime/deployment-name.ts'
import type { Config } from './config/config.ts'

/** Groups of rules that AWS keeps, and that cost nothing beyond a rule. */
const COMMON = 'AWSManagedRulesCommonRuleSet'
const MANAGED = [COMMON, 'AWSManagedRulesKnownBadInputsRuleSet'] as const
/** WAF counts the requests of an address over this many seconds. */
const WINDOW_SECONDS = 300

/**
 * Puts a web ACL of WAF before the REST API: one of the stack, or one that exists. WAF takes none for WebSocket APIs.
 *
 * @returns its ARN
 */
export function protectRest(scope: Construct, rest: RestApi, config: Config): string | undefined {
  const { apiWebAcl } = config
  if (apiWebAcl === 'none') return undefined
  const webAclArn = apiWebAcl === 'own' ? createWebAcl(scope, config).attrArn : apiWebAcl
  new CfnWebACLAssociation(scope, 'WebAclAssociation', {
    resourceArn: rest.deploymentStage.stageArn,
    webAclArn,
  })
  return webAclArn
}

function createWebAcl(scope: Construct, config: Config): CfnWebACL {
  const visible = (metricName: string): CfnWebACL.VisibilityConfigProperty => ({
    cloudWatchMetricsEnabled: true,
    metricName,
    sampledRequestsEnabled: true,
  })
  const managed = MANAGED.map((name, priority): CfnWebACL.RuleProperty => ({
    name,
    priority,
    overrideAction: { none: {} },
    statement: {
      managedRuleGroupStatement: {
        vendorName: 'AWS',
        name,
        // Clients of WebSockets for JavaScript, among them those of Alpaca and Massive, send no name of theirs.
        ...(name === COMMON && {
          ruleActionOverrides: [{ name: 'NoUserAgent_HEADER', actionToUse: { count: {} } }],
        }),
      },
    },
    visibilityConfig: visible(name),
  }))
  const name = nameOf(config)
  return new CfnWebACL(scope, 'WebAcl', {
    name,
    description: `The REST API of TickStock, ${name}`,
    scope: 'REGIONAL',
    defaultAction: { allow: {} },
    rules: [
      ...managed,
      {
        name: 'Rate',
        priority: managed.length,
        action: { block: {} },
        statement: {
          // What all keys together may ask.
          rateBasedStatement: {
            aggregateKeyType: 'IP',
            limit: Math.max(10, 10 * config.apiRate * WINDOW_SECONDS),
            evaluationWindowSec: WINDOW_SECONDS,
          },
        },
        visibilityConfig: visible('Rate'),
      },
    ],
    visibilityConfig: visible(name),
  })
}
