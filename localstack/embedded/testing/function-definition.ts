import type { FunctionDefinition } from '../services/lambda/function-sandbox.ts'
import { temporaryFolder } from './helpers.ts'

/** A function `f`, whose file `index.mjs` exports `handler`. */
export function functionOf(source: string, { memoryMb }: { readonly memoryMb: number }): FunctionDefinition {
  return {
    name: 'f',
    arn: 'arn:aws:lambda:us-east-1:000000000000:function:f',
    taskRoot: temporaryFolder({ 'index.mjs': source }),
    handler: 'index.handler',
    environment: {},
    memoryMb,
    timeoutSeconds: 30,
    logGroupName: '/aws/lambda/f',
  }
}
