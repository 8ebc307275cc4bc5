import type { Template } from 'aws-cdk-lib/assertions'
import * as z from 'zod'

const place = { x: z.number(), y: z.number(), width: z.number(), height: z.number() }
const bodySchema = z.object({
  widgets: z.array(z.object({ type: z.string(), ...place, properties: z.looseObject({}) })),
})
const resourceSchema = z.object({
  Properties: z.object({
    DashboardBody: z.object({ 'Fn::Join': z.tuple([z.literal(''), z.array(z.unknown())]) }),
  }),
})

export type Widget = z.infer<typeof bodySchema>['widgets'][number]

/** The widgets of a template's only dashboard; what CloudFormation would put in reads `?`. */
export function widgetsOf(template: Template): readonly Widget[] {
  const [dashboard] = Object.values(template.findResources('AWS::CloudWatch::Dashboard'))
  const [, pieces] = resourceSchema.parse(dashboard).Properties.DashboardBody['Fn::Join']
  const text = pieces.map((piece) => (typeof piece === 'string' ? piece : '?')).join('')
  return bodySchema.parse(JSON.parse(text)).widgets
}
