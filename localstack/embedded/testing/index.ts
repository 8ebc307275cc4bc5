/** What tests and benchmarks of an application need beside the runtime. */
export { freePort } from '../http/free-port.ts'
export { answer, startHttpServer } from '../http/http.ts'
export type { HttpRequest, HttpResponse, HttpServer } from '../http/http.ts'
export { toInvocationRecord } from '../services/event-source-mapping/invocation-record.ts'
export { kinesisClient, untilActive } from './kinesis-client.ts'
export { startKinesisLocal } from './kinesis-local.ts'
