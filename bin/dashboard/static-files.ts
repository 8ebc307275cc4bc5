import { readdirSync, readFileSync } from 'node:fs'
import { extname, join, relative, sep } from 'node:path'

import type { Answer } from './answer.ts'

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
}

/** Vite's: the name changes with the content. */
const HASHED = /^\/assets\/.+-[\w-]{8,}\.\w+$/

/**
 * The files of a folder by path, `/` being `index.html`, without those whose names begin with a dot. They are read here,
 * so that no request names a file of the disk.
 */
export function readStaticFiles(folder: string): ReadonlyMap<string, Answer> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(
    (entry) => entry.isFile() && !entry.name.startsWith('.'),
  )
  const answers = files.map(({ parentPath, name }): [string, Answer] => {
    const file = join(parentPath, name)
    const path = `/${relative(folder, file).split(sep).join('/')}`
    return [path === '/index.html' ? '/' : path, answerOf(path, readFileSync(file))]
  })
  return new Map(answers)
}

/** The files of a page, whose document tells it that a cookie says who is signed in. */
export function withSessions(files: ReadonlyMap<string, Answer>): ReadonlyMap<string, Answer> {
  const page = files.get('/')
  if (page === undefined) return files
  const body = String(page.body).replace('<html ', '<html data-sign-in="session" ')
  return new Map([...files, ['/', { ...page, body }]])
}

function answerOf(path: string, body: Buffer): Answer {
  return {
    status: 200,
    headers: {
      'content-type': TYPES[extname(path)] ?? 'application/octet-stream',
      'cache-control': HASHED.test(path) ? 'private, max-age=31536000, immutable' : 'no-cache',
    },
    body,
  }
}
