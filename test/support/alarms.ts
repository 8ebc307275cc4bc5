import type { Template } from 'aws-cdk-lib/assertions'
import * as z from 'zod'

const schema = z.object({
  Properties: z.looseObject({
    AlarmName: z.string(),
    TreatMissingData: z.string(),
    EvaluationPeriods: z.number(),
    DatapointsToAlarm: z.number().optional(),
    AlarmActions: z.array(z.unknown()).optional(),
    Metrics: z.array(z.looseObject({ Expression: z.string().optional() })).default([]),
  }),
})

export type AlarmProperties = z.infer<typeof schema>['Properties'] & { readonly id: string }

const compositeSchema = z.object({
  Properties: z.looseObject({
    AlarmName: z.string(),
    AlarmRule: z.unknown(),
    AlarmActions: z.array(z.unknown()).optional(),
    OKActions: z.array(z.unknown()).optional(),
  }),
})

/** The composite alarms of a template by their names without the stage, with the logical ids of those that ring them. */
export function compositeAlarmsOf(template: Template) {
  return new Map(
    Object.entries(template.findResources('AWS::CloudWatch::CompositeAlarm')).map(([id, resource]) => {
      const { Properties } = compositeSchema.parse(resource)
      const rule = JSON.stringify(Properties.AlarmRule)
      const rings = [...rule.matchAll(/"Fn::GetAtt":\["(\w+)"/g)].flatMap(([, ringing]) => ringing ?? [])
      return [Properties.AlarmName.replace(/^tickstock-[a-z]+-/, ''), { ...Properties, id, rings }]
    }),
  )
}

/** The alarms of a template by their names without the stage; `id` is the logical one. */
export function alarmsOf(template: Template): ReadonlyMap<string, AlarmProperties> {
  return new Map(
    Object.entries(template.findResources('AWS::CloudWatch::Alarm')).map(([id, resource]) => {
      const { Properties } = schema.parse(resource)
      return [Properties.AlarmName.replace(/^tickstock-[a-z]+-/, ''), { ...Properties, id }]
    }),
  )
}
