import { join } from 'node:path'
import { jsonLimits } from '../../http/json-service.ts'
import { defineService } from '../../service.ts'
import { arnOf } from '../../template/resource-type.ts'
import { kinesisAccess } from './access.ts'
import { largestKinesisBody, openKinesis } from './server.ts'
import { kinesisStream } from './stream.ts'

/** Kinesis Data Streams. */
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
  open: ({ data, region, accountId, strict }) => {
    const { store, handle, close } = openKinesis({
      folder: join(data, 'kinesis'),
      ...(strict && { throttle: strict.throttles }),
    })
    return {
      api: store,
      endpoint: {
        handle,
        maxBodyBytes: largestKinesisBody,
        refuse: jsonLimits.refuse,
        signedAs: 'kinesis',
        target: 'Kinesis_20131202',
        access: kinesisAccess((stream) => arnOf({ region, accountId }, 'kinesis', `stream/${stream}`)),
      },
      environment: (gateway) => ({ AWS_ENDPOINT_URL_KINESIS: gateway }),
      has: (stream) => store.listStreams().includes(stream),
      close,
    }
  },
})
