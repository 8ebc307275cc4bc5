import { join } from 'node:path'
import { App, Stack } from 'aws-cdk-lib'
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda'
import type { FunctionProps } from 'aws-cdk-lib/aws-lambda'
import { temporaryFolder } from './helpers.ts'
import type { OnceOver } from './helpers.ts'

/** Synthesizes an app with one stack, `Small`, into a temporary folder and gives that folder. */
export function synthesize(build: (stack: Stack) => void, onceOver?: OnceOver): string {
  const outdir = join(temporaryFolder({}, onceOver), 'cdk.out')
  const app = new App({ outdir, analyticsReporting: false })
  build(new Stack(app, 'Small'))
  return app.synth().directory
}

/** A function whose `index.mjs` is given as text. */
export function inlineFunction(
  stack: Stack,
  id: string,
  options: { readonly source: string; readonly onceOver?: OnceOver } & Partial<FunctionProps>,
): LambdaFunction {
  const { source, onceOver, ...props } = options
  return new LambdaFunction(stack, id, {
    functionName: id.toLowerCase(),
    runtime: Runtime.NODEJS_24_X,
    handler: 'index.handler',
    code: Code.fromAsset(temporaryFolder({ 'index.mjs': source }, onceOver)),
    ...props,
  })
}
