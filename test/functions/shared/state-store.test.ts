import { describe } from 'vitest'

import { createMemoryStateStore } from '../../support/memory-state-store.ts'
import { describeStateStore, sampleCodec } from './state-store.contract.ts'

describe('the state store in memory', () => {
  describeStateStore(async () => createMemoryStateStore(sampleCodec))
})
