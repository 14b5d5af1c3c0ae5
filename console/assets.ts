import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import path from 'node:path'

/** What the browser gets beside the pages. */
export interface Assets {
  /** The script. */
  js: string
  /** The pages' own style; the figures' is added to it. */
  css: string
  /** Of the script: stands in its address, so that it may be kept for ever. */
  hash: string
}

/** Reads what `npm run build` wrote into a folder. Rejects when it is not there. */
export async function readAssets(folder: string): Promise<Assets> {
  const [js, css] = await Promise.all([readFile(path.join(folder, 'main.js'), 'utf8'), readFile(path.join(folder, 'main.css'), 'utf8')])
  return { js, css, hash: createHash('sha256').update(js).digest('hex').slice(0, 16) }
}
