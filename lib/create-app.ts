import { App } from 'aws-cdk-lib'
import RECOMMENDED from 'aws-cdk-lib/recommended-feature-flags.json' with { type: 'json' }

/** An app that behaves as the CDK recommends in the version that package.json pins; what is given wins. */
export function createApp(context: Readonly<Record<string, unknown>> = {}): App {
  return new App({ analyticsReporting: false, context: { ...RECOMMENDED, ...context } })
}
