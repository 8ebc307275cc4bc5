import { join } from 'node:path'
import { defineService } from '../../service.ts'
import { startKinesisServer } from './server.ts'
import { kinesisStream } from './stream.ts'

/** Kinesis Data Streams, by a server of its own. */
export const kinesis = defineService({
  name: 'kinesis',
  resourceTypes: { 'AWS::Kinesis::Stream': kinesisStream },
  durableData: {
    inventory: 'streams',
    noun: 'stream',
    resourceTypes: ['AWS::Kinesis::Stream'],
    file: 'kinesis/streams.sqlite',
    path: 'kinesis/streams.sqlite',
  },
  open: async ({ data }) => {
    const server = await startKinesisServer({ folder: join(data, 'kinesis') })
    const { store, endpoint } = server
    return {
      api: store,
      endpoint: { handle: endpoint, signedAs: 'kinesis', target: 'Kinesis_20131202' },
      environment: () => ({ AWS_ENDPOINT_URL_KINESIS: endpoint }),
      has: (stream) => store.listStreams().includes(stream),
      close: () => server.close(),
    }
  },
})
