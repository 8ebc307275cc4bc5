import { Template } from 'aws-cdk-lib/assertions'
import * as z from 'zod'

import {
  ALERTS_ON,
  LOCAL_ALERTS_ON,
  BACKUP_REGION,
  BRIDGE_ON,
  OTHER_ISSUER,
  VENUES_ON,
} from '../support/stage-settings.ts'
import { backupStackOf, bridgeTemplateOf, templateOf } from '../support/template.ts'

const templateSchema = z.object({ Resources: z.record(z.string(), z.object({ Properties: z.unknown() })) })

/** Everything that differs between deployments is there in one of these. */
const ALL_ON = {
  syntheticFeed: 'on',
  alarmEmail: 'sre@example.com',
  tradingHours: 'always',
  databaseProxy: 'on',
  ...LOCAL_ALERTS_ON,
}

/** All texts in the templates of a stage: names of its resources are among them. */
export function textsOf(stage: string): ReadonlySet<string> {
  const texts = new Set<string>()
  const visit = (value: unknown): void => {
    if (typeof value === 'string') texts.add(value)
    else if (typeof value === 'object' && value !== null) for (const each of Object.values(value)) visit(each)
  }
  const onAws =
    stage === 'local' ? {} : { ...ALERTS_ON, ...VENUES_ON, ...BRIDGE_ON, ...OTHER_ISSUER, ...BACKUP_REGION }
  const context = { stage, ...ALL_ON, ...onAws }
  const templates = [templateOf(context)]
  if (stage !== 'local') templates.push(bridgeTemplateOf(context), Template.fromStack(backupStackOf(context)))
  for (const template of templates)
    for (const { Properties } of Object.values(templateSchema.parse(template.toJSON()).Resources))
      visit(Properties)
  return texts
}
