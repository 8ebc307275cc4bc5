import { join } from 'node:path'
import { App, Stack } from 'aws-cdk-lib'
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda'
import type { FunctionProps } from 'aws-cdk-lib/aws-lambda'
import { onTestFinished } from 'vitest'
import { type OnceOver, temporaryFolder } from './helpers.ts'

/** When what the synthesis in hand makes is removed. */
let removedAt: OnceOver = onTestFinished

/**
 * Synthesizes an app with one stack, `Small`, into a temporary folder and gives that folder: for the test that runs, or with
 * vitest's `afterAll` for all tests of a file.
 */
export function synthesize(build: (stack: Stack) => void, onceOver: OnceOver = onTestFinished): string {
  removedAt = onceOver
  const app = new App({ outdir: join(temporaryFolder({}, removedAt), 'cdk.out'), analyticsReporting: false })
  build(new Stack(app, 'Small'))
  return app.synth().directory
}

/** A function whose `index.mjs` is given as text. */
export function inlineFunction(
  stack: Stack,
  id: string,
  options: { readonly source: string } & Partial<FunctionProps>,
): LambdaFunction {
  const { source, ...props } = options
  return new LambdaFunction(stack, id, {
    functionName: id.toLowerCase(),
    runtime: Runtime.NODEJS_24_X,
    handler: 'index.handler',
    code: Code.fromAsset(temporaryFolder({ 'index.mjs': source }, removedAt)),
    ...props,
  })
}
