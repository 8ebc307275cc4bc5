import { defineService } from '../../service.ts'
import { iam } from '../iam/index.ts'
import { createTopics } from './published.ts'
import { type SnsResources, subscription, topic, topicPolicy } from './resources.ts'
import { snsAccess, snsApi, snsLimits } from './sns-api.ts'

/** SNS: standard topics that take messages, and keep them for who looks. */
export const sns = defineService<SnsResources>({
  name: 'sns',
  resourceTypes: {
    'AWS::SNS::Topic': topic,
    'AWS::SNS::TopicPolicy': topicPolicy,
    'AWS::SNS::Subscription': subscription,
  },
  open: (context) => {
    const topics = createTopics()
    return {
      api: { topics, iam: iam.of(context) },
      endpoint: {
        ...snsLimits,
        handle: snsApi(topics, context.strict?.throttles ?? (() => false)),
        signedAs: 'sns',
        access: snsAccess,
      },
      environment: (gateway) => ({ AWS_ENDPOINT_URL_SNS: gateway }),
    }
  },
})
