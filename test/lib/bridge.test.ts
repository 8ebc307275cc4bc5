import { describe, expect, it } from 'vitest'
import * as z from 'zod'

import { ConfigError } from '../../lib/config/config-error.ts'
import { readConfig } from '../../lib/config/read-config.ts'
import { alarmsOf, compositeAlarmsOf } from '../support/alarms.ts'
import { BRIDGE_ON, OWN_NETWORK, REGULATED } from '../support/stage-settings.ts'
import { bridgeTemplateOf, templateOf } from '../support/template.ts'

const CONTEXT = { stage: 'prod', ...BRIDGE_ON, bridgeCopies: '2' }
const stack = templateOf(CONTEXT)
const template = bridgeTemplateOf(CONTEXT)
const read = (context: Readonly<Record<string, unknown>>) =>
  readConfig((key) => ({ region: 'eu-central-1', ...context })[key])

const policySchema = z.object({
  Properties: z.object({
    PolicyDocument: z.object({ Statement: z.array(z.object({ Action: z.unknown() })) }),
    Roles: z.array(z.object({ Ref: z.string() })),
  }),
})

function actionsOf(role: RegExp): readonly unknown[] {
  return Object.values(template.findResources('AWS::IAM::Policy'))
    .map((policy) => policySchema.parse(policy).Properties)
    .filter(({ Roles }) => Roles.some(({ Ref }) => role.test(Ref)))
    .flatMap(({ PolicyDocument }) => PolicyDocument.Statement.flatMap(({ Action }) => Action))
}

describe('the bridge', () => {
  it('is not there without a domain', () => {
    const without = templateOf({ stage: 'prod' })
    for (const type of ['AWS::ECS::Service', 'AWS::ElasticLoadBalancingV2::LoadBalancer'])
      expect(without.findResources(type)).toEqual({})
  })

  it('is a service of so many tasks behind a load balancer, which speaks TLS 1.2 or later with the certificate', () => {
    template.hasResourceProperties('AWS::ECS::Service', {
      DesiredCount: 2,
      DeploymentConfiguration: { MinimumHealthyPercent: 100, MaximumPercent: 200 },
      LoadBalancers: [{ ContainerName: 'Bridge', ContainerPort: 4590 }],
    })
    const listeners = Object.values(template.findResources('AWS::ElasticLoadBalancingV2::Listener'))
    expect(listeners.map(({ Properties }) => Properties)).toMatchObject([
      {
        Port: 443,
        Protocol: 'HTTPS',
        SslPolicy: expect.stringMatching(/^ELBSecurityPolicy-TLS13-1-2-/),
        Certificates: [{ CertificateArn: BRIDGE_ON.apiCertificateArn }],
      },
    ])
    template.hasResourceProperties('AWS::ElasticLoadBalancingV2::TargetGroup', {
      HealthCheckPath: '/health',
      Protocol: 'HTTP',
    })
    expect(stack.findOutputs('BridgeHost')).not.toEqual({})
  })

  it('takes connections of its load balancer alone, and that of anyone by HTTPS alone', () => {
    const groups = Object.values(template.findResources('AWS::EC2::SecurityGroup')).map(
      ({ Properties }) => Properties,
    )
    const of = (text: string) =>
      groups.find(({ GroupDescription }) => String(GroupDescription).startsWith(text))
    expect(of('The load balancer of the bridge')?.['SecurityGroupIngress']).toMatchObject([
      { CidrIp: '0.0.0.0/0', FromPort: 443, ToPort: 443 },
    ])
    expect(of('The bridge:')).not.toHaveProperty('SecurityGroupIngress')
    const ingress = Object.values(template.findResources('AWS::EC2::SecurityGroupIngress')).map(
      ({ Properties }) => Properties,
    )
    expect(ingress).toMatchObject([
      {
        FromPort: 4590,
        ToPort: 4590,
        SourceSecurityGroupId: { 'Fn::GetAtt': [expect.stringMatching(/^BalancerAccess/), 'GroupId'] },
      },
    ])
  })

  it('may read its code and nothing else; its key is a secret that is in no template, and a key of both APIs', () => {
    expect(actionsOf(/^TaskTaskRole/)).toEqual(['s3:GetObject'])
    const [secret] = Object.keys(template.findResources('AWS::SecretsManager::Secret'))
    const keys = Object.entries(template.findResources('AWS::ApiGateway::ApiKey'))
    expect(keys.map(([, { Properties }]) => Properties.Value)).toEqual([
      { 'Fn::Join': ['', ['{{resolve:secretsmanager:', { Ref: secret }, ':SecretString:::}}']] },
    ])
    const plans = Object.values(template.findResources('AWS::ApiGateway::UsagePlanKey'))
      .map(({ Properties }) => Properties)
      .filter(({ KeyId }) => KeyId.Ref === keys[0]?.[0])
    expect(plans).toHaveLength(2)
    const container = Object.values(template.findResources('AWS::ECS::TaskDefinition'))
      .flatMap(({ Properties }) => Properties.ContainerDefinitions)
      .find(({ Name }) => Name === 'Bridge')
    expect(container.Secrets).toEqual([{ Name: 'TICKSTOCK_KEY', ValueFrom: { Ref: secret } }])
  })

  it('rings when no task takes connections, by a mail of its own', () => {
    const alarms = alarmsOf(stack)
    expect(alarms.get('bridge-down')).toMatchObject({ TreatMissingData: 'breaching', Threshold: 1 })
    expect(compositeAlarmsOf(stack).get('unhealthy')?.rings).toContain(alarms.get('bridge-down')?.id)
  })

  it('has the web ACL of the API before it, where there is one', () => {
    const regulated = { stage: 'prod', ...REGULATED, bridgeDomain: BRIDGE_ON.bridgeDomain }
    const [before] = Object.values(bridgeTemplateOf(regulated).findResources('AWS::WAFv2::WebACLAssociation'))
    const around = templateOf(regulated)
    const [acl] = Object.keys(around.findResources('AWS::WAFv2::WebACL'))
    const [nested] = Object.values(around.findResources('AWS::CloudFormation::Stack'))
    expect(nested?.['Properties'].Parameters[before?.['Properties'].WebACLArn.Ref]).toEqual({
      'Fn::GetAtt': [acl, 'Arn'],
    })
    expect(template.findResources('AWS::WAFv2::WebACLAssociation')).toEqual({})
  })

  it('is in the subnets of an existing network, without addresses of the internet', () => {
    const bridgeSubnets = ['subnet-0123456789abcdef2', 'subnet-0123456789abcdef3']
    const own = bridgeTemplateOf({
      stage: 'prod',
      ...OWN_NETWORK,
      ...BRIDGE_ON,
      bridgeSubnets: bridgeSubnets.join(','),
    })
    own.hasResourceProperties('AWS::ElasticLoadBalancingV2::LoadBalancer', {
      Scheme: 'internal',
      Subnets: bridgeSubnets,
    })
    own.hasResourceProperties('AWS::ECS::Service', {
      NetworkConfiguration: {
        AwsvpcConfiguration: { AssignPublicIp: 'DISABLED', Subnets: bridgeSubnets },
      },
    })
    expect(own.findResources('AWS::EC2::VPC')).toEqual({})
  })
})

describe('the config of the bridge', () => {
  it.each([
    [{ bridgeDomain: 'b.example.com' }, 'bridgeDomain is "b.example.com": apiCertificateArn is not set'],
    [{ bridgeCopies: 2 }, 'bridgeCopies is 2: bridgeDomain is not set'],
    [{ ...BRIDGE_ON, websocket: 'off' }, 'websocket is off; leave it out'],
    [{ ...BRIDGE_ON, apiDomain: BRIDGE_ON.bridgeDomain }, 'the REST API has that domain; name another'],
    [
      { ...BRIDGE_ON, webSocketDomain: BRIDGE_ON.bridgeDomain },
      'the WebSocket API has that domain; name another',
    ],
    [{ ...BRIDGE_ON, bridgeCopies: 21 }, 'bridgeCopies is 21: allowed is a whole number from 1 to 20'],
    [{ ...BRIDGE_ON, ...OWN_NETWORK }, 'the load balancer of bridgeDomain wants two or more'],
    [
      { ...OWN_NETWORK, bridgeSubnets: 'subnet-0123456789abcdef2,subnet-0123456789abcdef3' },
      'bridgeDomain is not set',
    ],
    [
      { ...BRIDGE_ON, bridgeSubnets: 'subnet-0123456789abcdef2,subnet-0123456789abcdef3' },
      'these are subnets of an existing network; set vpcId too',
    ],
  ])('refuses %j', (context, said) => {
    expect(() => read({ stage: 'prod', ...context })).toThrow(ConfigError)
    expect(() => read({ stage: 'prod', ...context })).toThrow(said)
  })

  it('refuses a bridge in stage local, which has one', () => {
    expect(() => read({ stage: 'local', bridgeDomain: BRIDGE_ON.bridgeDomain })).toThrow('it is for AWS')
  })
})
