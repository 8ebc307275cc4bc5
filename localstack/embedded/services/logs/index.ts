import { jsonLimits } from '../../http/json-service.ts'
import { defineService } from '../../service.ts'
import { withoutEffect } from '../../template/without-effect.ts'
import { openLogStore } from './log-store.ts'

/** CloudWatch Logs: what the functions print. */
export const logs = defineService({
  name: 'logs',
  resourceTypes: {
    'AWS::Logs::LogGroup': withoutEffect(
      'the runtime keeps the newest 10,000 lines of each function',
      ['DataProtectionPolicy', 'FieldIndexPolicies', 'KmsKeyId', 'LogGroupClass', 'RetentionInDays', 'Tags'],
      { nameProperty: 'LogGroupName', arn: { service: 'logs', prefix: 'log-group:', suffix: ':*' } },
    ),
  },
  open: ({ region, accountId, clock }) => {
    const store = openLogStore({
      arnPrefix: `arn:aws:logs:${region}:${accountId}:log-group:`,
      now: clock.now,
    })
    return {
      api: store,
      endpoint: { ...jsonLimits, handle: store.handle, signedAs: 'logs', target: 'Logs_20140328' },
    }
  },
})
