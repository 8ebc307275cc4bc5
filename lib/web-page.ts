import { Stack, Validations } from 'aws-cdk-lib'
import type { RestApi } from 'aws-cdk-lib/aws-apigateway'
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager'
import {
  AllowedMethods,
  type BehaviorOptions,
  CachePolicy,
  Distribution,
  Function as EdgeFunction,
  FunctionCode,
  FunctionEventType,
  FunctionRuntime,
  type IOrigin,
  OriginRequestPolicy,
  PriceClass,
  ResponseHeadersPolicy,
  SecurityPolicyProtocol,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront'
import { HttpOrigin, S3BucketOrigin } from 'aws-cdk-lib/aws-cloudfront-origins'
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3'
import { Construct } from 'constructs'

import type { Config } from './config/config.ts'
import { pageHeaders } from './page-headers.ts'
import { publishPage } from './publish-page.ts'
import type { Issuer } from './issuer.ts'

export type WebPageProps = {
  readonly config: Config
  readonly rest: RestApi
  /** Id of the WebSocket API; none with `websocket: off`. */
  readonly webSocketId: string | undefined
  /** Origins of the issuer that the page asks for tokens. */
  readonly issuerOrigins: readonly string[]
}

/** Answers each request with the address of the view. */
const TO_API_VIEW = `function handler() {
  return { statusCode: 302, statusDescription: 'Found', headers: { location: { value: '/#/api' } } }
}`

/** The dashboard: static files in a private bucket behind CloudFront, with the APIs below the same domain. */
export class WebPage extends Construct {
  /** With a slash at the end: where an issuer sends people back. */
  readonly url: string
  readonly distribution: Distribution
  readonly #bucket: Bucket
  readonly #config: Config

  constructor(scope: Construct, id: string, props: WebPageProps) {
    super(scope, id)
    const { config, issuerOrigins } = props
    this.#config = config
    this.#bucket = new Bucket(this, 'Files', {
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
    })
    const {
      dashboardDomain: domain,
      dashboardCertificateArn: certificate,
      dashboardWebAclArn: webAclId,
    } = config
    const files = S3BucketOrigin.withOriginAccessControl(this.#bucket)
    this.distribution = new Distribution(this, 'Distribution', {
      comment: `Dashboard of TickStock, stage ${config.stage}`,
      defaultRootObject: 'index.html',
      priceClass: PriceClass.PRICE_CLASS_100,
      defaultBehavior: {
        origin: files,
        viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
        responseHeadersPolicy: pageHeaders(this, issuerOrigins),
      },
      additionalBehaviors: { ...this.#apis(props), '/docs': this.#toApiView(files) },
      ...(domain !== undefined &&
        certificate !== undefined && {
          domainNames: [domain],
          certificate: Certificate.fromCertificateArn(this, 'Certificate', certificate),
          minimumProtocolVersion: SecurityPolicyProtocol.TLS_V1_2_2021,
        }),
      ...(webAclId !== undefined && { webAclId }),
    })
    this.url = `https://${domain ?? this.distribution.distributionDomainName}/`
    acknowledgeFindings(this.#bucket, this.distribution)
  }

  /** Puts the files there, and what they have to know. */
  publish(
    issuer: Issuer,
    options: { readonly clientId: string; readonly signOutUrl: string | undefined },
  ): void {
    publishPage(this, {
      bucket: this.#bucket,
      distribution: this.distribution,
      config: {
        signIn: 'oidc',
        stage: this.#config.stage,
        issuer: issuer.issuer,
        clientId: options.clientId,
        scope: this.#config.oidcScope,
        groupsClaim: issuer.groupsClaim,
        live: `/${this.#config.stage}`,
        ...(options.signOutUrl !== undefined && { signOutUrl: options.signOutUrl }),
      },
    })
  }

  /** The page shows the API in a view of its own. */
  #toApiView(origin: IOrigin): BehaviorOptions {
    const code = FunctionCode.fromInline(TO_API_VIEW)
    const redirect = new EdgeFunction(this, 'Docs', { code, runtime: FunctionRuntime.JS_2_0 })
    return {
      // Never asked.
      origin,
      viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
      functionAssociations: [{ function: redirect, eventType: FunctionEventType.VIEWER_REQUEST }],
    }
  }

  /** No answer is kept: each is for who asks, or of this second. */
  #apis({ config, rest, webSocketId }: WebPageProps): Record<string, BehaviorOptions> {
    const { region, urlSuffix } = Stack.of(this)
    const hostOf = (apiId: string): string => `${apiId}.execute-api.${region}.${urlSuffix}`
    const common = {
      cachePolicy: CachePolicy.CACHING_DISABLED,
      originRequestPolicy: OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
      viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
      responseHeadersPolicy: ResponseHeadersPolicy.SECURITY_HEADERS,
    }
    const api = {
      ...common,
      origin: new HttpOrigin(hostOf(rest.restApiId), { originPath: `/${config.stage}` }),
      allowedMethods: AllowedMethods.ALLOW_ALL,
    }
    return {
      '/v1/*': api,
      // A WebSocket API is at the path of its stage, and nowhere else.
      ...(webSocketId !== undefined && {
        [`/${config.stage}`]: { ...common, origin: new HttpOrigin(hostOf(webSocketId)) },
      }),
    }
  }
}

function acknowledgeFindings(bucket: Bucket, distribution: Distribution): void {
  Validations.of(bucket).acknowledge({
    id: 'AwsSolutions-S1',
    reason: 'Only CloudFront reads it, and the files of the page hold no data.',
  })
  Validations.of(distribution).acknowledge(
    {
      id: 'AwsSolutions-CFR1',
      reason: 'People may read from wherever they are; who they are is what counts.',
    },
    {
      id: 'AwsSolutions-CFR2',
      reason: 'A web ACL costs extra: the config key dashboardWebAclArn names one.',
    },
    {
      id: 'AwsSolutions-CFR3',
      reason: 'API Gateway logs every request for data; the files of the page hold none.',
    },
    {
      id: 'AwsSolutions-CFR4',
      reason:
        'Without a domain of its own it has the certificate of CloudFront, whose versions of TLS AWS decides.',
    },
  )
}
