import { join } from 'node:path'
import { defineService } from '../../service.ts'
import { lambda } from '../lambda/index.ts'
import { apiGatewayPath, openApiGateway, restPayloadBytes } from './api-gateway.ts'
import { controlAccessOf, controlApi, controlDenial } from './control-api.ts'
import { localUrls } from './local-urls.ts'
import {
  apiAuthorizer,
  apiDeployment,
  apiGatewayResponse,
  apiKey,
  apiMethod,
  apiResource,
  apiStage,
  restApi,
  usagePlan,
  usagePlanKey,
} from './resources.ts'
import type { RestApiResources } from './resources.ts'

/** REST APIs of API Gateway. */
export const apiGateway = defineService<RestApiResources>({
  name: 'apigateway',
  resourceTypes: {
    'AWS::ApiGateway::ApiKey': apiKey,
    'AWS::ApiGateway::Authorizer': apiAuthorizer,
    'AWS::ApiGateway::Deployment': apiDeployment,
    'AWS::ApiGateway::GatewayResponse': apiGatewayResponse,
    'AWS::ApiGateway::Method': apiMethod,
    'AWS::ApiGateway::Resource': apiResource,
    'AWS::ApiGateway::RestApi': restApi,
    'AWS::ApiGateway::Stage': apiStage,
    'AWS::ApiGateway::UsagePlan': usagePlan,
    'AWS::ApiGateway::UsagePlanKey': usagePlanKey,
  },
  open: (context) => {
    const { functions } = lambda.of(context)
    const gateway = openApiGateway(join(context.data, 'api-keys.json'), {
      invoke: functions.invoke,
      now: context.clock.now,
      accountId: context.accountId,
      region: context.region,
    })
    const control = controlApi(gateway)
    return {
      api: { gateway, functions },
      endpoint: {
        handle: (request) =>
          request.path.startsWith(apiGatewayPath) ? gateway.handle(request) : control(request),
        signedAs: 'apigateway',
        maxBodyBytes: restPayloadBytes,
        refuse: gateway.refuse,
        // Methods with IAM authorization are not supported, and others need nothing of it.
        access: { needed: controlAccessOf(context.region), deny: controlDenial },
        afterStart: true,
        takesPath: (path) => path.startsWith(apiGatewayPath),
        isForPages: () => true,
      },
      localUrls: (text, endpoint) => localUrls(text, { endpoint, isLocal: (id) => gateway.apis.has(id) }),
    }
  },
})
