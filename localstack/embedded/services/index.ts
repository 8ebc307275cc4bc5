import type { Service } from '../service.ts'
import { apiGatewayV2 } from './api-gateway-v2/index.ts'
import { apiGateway } from './api-gateway/index.ts'
import { cloudformation } from './cloudformation/index.ts'
import { cloudwatch } from './cloudwatch/index.ts'
import { dynamodb } from './dynamodb/index.ts'
import { eventSourceMappings } from './event-source-mapping/index.ts'
import { events } from './events/index.ts'
import { iam } from './iam/index.ts'
import { kinesis } from './kinesis/index.ts'
import { lambda } from './lambda/index.ts'
import { logs } from './logs/index.ts'
import { s3 } from './s3/index.ts'
import { secretsManager } from './secrets-manager/index.ts'
import { sns } from './sns/index.ts'
import { ssm } from './ssm/index.ts'

/** Every service, each after those that it uses: they open and start in this order, and stop and close in the reverse. */
export const services: readonly Service[] = [
  iam,
  kinesis,
  dynamodb,
  s3,
  secretsManager,
  ssm,
  sns,
  logs,
  lambda,
  apiGateway,
  apiGatewayV2,
  cloudformation,
  eventSourceMappings,
  events,
  cloudwatch,
]
