import { App, type AppProps } from 'aws-cdk-lib'
import RECOMMENDED from 'aws-cdk-lib/recommended-feature-flags.json' with { type: 'json' }

/**
 * An app that behaves as the CDK recommends in the version that package.json pins; options override it.
 *
 * @param options.outdir where its assembly goes. @default where the CDK's command line says, else a folder in the
 *   temporary one that is not removed
 */
export function createApp(
  context: Readonly<Record<string, unknown>> = {},
  options: Pick<AppProps, 'outdir'> = {},
): App {
  return new App({ ...options, analyticsReporting: false, context: { ...RECOMMENDED, ...context } })
}
