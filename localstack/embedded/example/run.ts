import { once } from 'node:events'
import { join } from 'node:path'
import { startRuntime } from 'embedded-aws'
import { synthesize } from './app.ts'

const [folder = '.thermometers'] = process.argv.slice(2)

const runtime = await startRuntime({
  assembly: synthesize(join(folder, 'cdk.out')),
  data: join(folder, 'data'),
  onLog: ({ functionName, text }) => console.error(`${functionName}: ${text}`),
})
console.log(JSON.stringify({ endpoint: runtime.endpoint, ...runtime.outputs }))

await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
await runtime.stop()
