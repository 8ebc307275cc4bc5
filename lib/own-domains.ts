import { DomainName, EndpointType, type RestApi, SecurityPolicy } from 'aws-cdk-lib/aws-apigateway'
import {
  ApiMapping,
  DomainName as WebSocketDomainName,
  SecurityPolicy as WebSocketSecurityPolicy,
  type WebSocketApi,
  type WebSocketStage,
} from 'aws-cdk-lib/aws-apigatewayv2'
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager'
import type { Construct } from 'constructs'

import type { Config } from './config/config.ts'

/** A domain of the REST API, with TLS 1.2 or later; returns the host that its owner lets it lead to. */
export function addRestDomain(
  scope: Construct,
  rest: RestApi,
  { apiDomain, apiCertificateArn }: Config,
): string | undefined {
  if (apiDomain === undefined || apiCertificateArn === undefined) return undefined
  const domain = new DomainName(scope, 'Domain', {
    domainName: apiDomain,
    certificate: Certificate.fromCertificateArn(scope, 'Certificate', apiCertificateArn),
    endpointType: EndpointType.REGIONAL,
    securityPolicy: SecurityPolicy.TLS_1_2,
  })
  domain.addBasePathMapping(rest, { stage: rest.deploymentStage })
  return domain.domainNameAliasDomainName
}

/** The same of the WebSocket API. */
export function addWebSocketDomain(
  scope: Construct,
  { api, stage }: { readonly api: WebSocketApi; readonly stage: WebSocketStage },
  { webSocketDomain, apiCertificateArn }: Config,
): string | undefined {
  if (webSocketDomain === undefined || apiCertificateArn === undefined) return undefined
  const domainName = new WebSocketDomainName(scope, 'Domain', {
    domainName: webSocketDomain,
    certificate: Certificate.fromCertificateArn(scope, 'Certificate', apiCertificateArn),
    securityPolicy: WebSocketSecurityPolicy.TLS_1_2,
  })
  new ApiMapping(scope, 'Mapping', { api, domainName, stage })
  return domainName.regionalDomainName
}
