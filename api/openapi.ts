import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger'
import { sessionCookie } from './access.ts'

/** What /openapi.json says beside the routes. */
export function description(version: string): FastifyDynamicSwaggerOptions {
  return {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Gaugekeeper',
        version,
        description:
          'Gauges of a catchment: readings in, judged values and warnings out. Times in answers are epoch milliseconds UTC, values are in the ' +
          'canonical unit of their parameter, null is a missing value. Errors are problem documents (RFC 9457) that say what to do.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: '/' }],
      tags: [
        { name: 'stations', description: 'Places, as they are' },
        { name: 'series', description: 'What is measured there' },
        { name: 'observations', description: 'Judged values' },
        { name: 'continuity', description: 'What should have come and did not' },
        { name: 'warnings', description: 'Conditions in the water that a duty officer must know' },
        { name: 'deliveries', description: 'Readings of devices that speak HTTP' },
        { name: 'devices', description: 'Logins and wires' },
        { name: 'quarantine', description: 'What was put aside, and why' },
        { name: 'runs', description: 'Simulations and replays' },
        { name: 'simulator', description: 'Scenarios that the server plays and scores by itself' },
        { name: 'stream', description: 'Live events' },
        { name: 'session', description: 'Login of people' },
        { name: 'people', description: 'Users, keys of programs, and the audit log' },
        { name: 'system', description: 'Life, readiness, figures' },
      ],
      components: {
        securitySchemes: {
          session: { type: 'apiKey', in: 'cookie', name: sessionCookie, description: 'Login of a person: POST /api/v1/session' },
          token: {
            type: 'http',
            scheme: 'bearer',
            description: 'A key of POST /api/v1/keys, or the token of the command line, from the data folder',
          },
          device: { type: 'http', scheme: 'basic', description: 'Name and secret of a device' },
        },
      },
    },
  }
}
