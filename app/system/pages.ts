import type { FastifyInstance, InjectOptions } from 'fastify'
import { fileURLToPath } from 'node:url'
import type { ConsoleApi } from '../../console/api-client.ts'
import { readAssets } from '../../console/assets.ts'
import { consolePlugin } from '../../console/plugin.ts'
import { version } from '../version.ts'

/** Registers the console on the api's server; its pages ask the api as a browser would, in the same process. */
export async function addPages(app: FastifyInstance, now: () => number): Promise<void> {
  const assets = await readAssets(fileURLToPath(new URL('./console', import.meta.url)))
  await app.register(consolePlugin({ api: askingInProcess(app), assets, now, version }))
}

function askingInProcess(app: FastifyInstance): ConsoleApi {
  return async ({ method, path, headers, body, address }) => {
    const request: InjectOptions = { method, url: path, headers: { accept: 'application/json', ...headers }, remoteAddress: address }
    const answer = await app.inject(body === undefined ? request : { ...request, payload: body as object })
    const cookies = answer.headers['set-cookie'] ?? []
    return { status: answer.statusCode, json: readJson(answer.body), cookies: Array.isArray(cookies) ? cookies : [cookies] }
  }
}

function readJson(text: string): unknown {
  try {
    return text === '' ? null : (JSON.parse(text) as unknown)
  } catch {
    return null
  }
}
