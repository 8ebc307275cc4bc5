import { spawn } from 'node:child_process'

/** Scripts of package.json that judge the code without running it. */
const SCRIPTS = ['typecheck', 'lint', 'format:check']

type Ended = { readonly code: number; readonly printed: string }

/** Runs a script to its end; what it prints is kept. */
function run(script: string): Promise<Ended> {
  const npm = process.env['npm_execpath']
  const child =
    npm === undefined
      ? spawn('npm', ['run', '--silent', script], { stdio: ['ignore', 'pipe', 'pipe'] })
      : spawn(process.execPath, [npm, 'run', '--silent', script], { stdio: ['ignore', 'pipe', 'pipe'] })
  let printed = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      printed += text
    })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code: code ?? 1, printed }))
  })
}

// Side by side, since each has a part that uses one core only; each prints when it has ended, so that none interrupts another.
await Promise.all(
  SCRIPTS.map(async (script) => {
    const { code, printed } = await run(script)
    process.stdout.write(printed)
    if (code === 0) return
    process.stderr.write(`npm run ${script} failed\n`)
    process.exitCode = 1
  }),
)
