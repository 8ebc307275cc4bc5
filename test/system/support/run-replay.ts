/** Replays a file into a deployment that is kept in a folder, and says when all its bars are written. */
import { startDeployment } from '../../../bin/embedded/deployment.ts'
import { replayInto } from './replay-into.ts'

const [data = '', file = ''] = process.argv.slice(2)
const deployment = await startDeployment({ data })
process.send?.({ type: 'started', url: deployment.readOnlyUrl })
await replayInto(deployment, file, { ticksPerRecord: 20 })
await deployment.flush()
process.send?.({ type: 'flushed', url: deployment.readOnlyUrl })
process.once('message', () => void deployment.stop().then(() => process.exit()))
