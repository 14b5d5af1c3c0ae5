import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Access } from './access.ts'
import type { Board } from './board.ts'
import type { ApiConfig } from './config.ts'
import type { HttpConnections } from './connections.ts'
import type { LiveFeed } from './live.ts'
import type { ApiParts } from './parts.ts'
import type { Sessions } from './sessions.ts'

/** What a resource works with. */
export interface RouteContext {
  parts: ApiParts
  config: ApiConfig
  access: Access
  sessions: Sessions
  connections: HttpConnections
  board: Board
  feed: LiveFeed
}

/** One resource: its routes with their schemas, under /api/v1. */
export type Resource = (context: RouteContext) => FastifyPluginAsyncTypebox
