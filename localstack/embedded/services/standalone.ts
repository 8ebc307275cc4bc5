/** Single services without a stack, for tests and tools. */
export { startDynamodb } from './dynamodb/dynamodb.ts'
export { startKinesisServer } from './kinesis/server.ts'
export { createFunctionHost } from './lambda/function-host.ts'
export { type SnsServer, startSnsServer } from './sns/server.ts'
export { openParameterStore } from './ssm/parameter-store.ts'
export type { StoredRecord } from './kinesis/stream-reader.ts'
export type { InvocationResult } from './lambda/invocation.ts'
