import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from '@jest/globals'
import Type, { type Static } from 'typebox'
import Value from 'typebox/value'
import { parse } from 'yaml'
import { ServerConfig } from '../app/config/schema.ts'
import { InfluxConfig } from '../store/influx/config.ts'

const root = (name: string): string => fileURLToPath(new URL(`../${name}`, import.meta.url))

/** What of the Compose specification the file uses, and nothing beside it. */
const Service = Type.Object(
  {
    build: Type.Optional(Type.String()),
    image: Type.Optional(Type.String({ pattern: '^[a-z0-9./-]+:[\\w.-]+$' })),
    init: Type.Optional(Type.Boolean()),
    restart: Type.Literal('unless-stopped'),
    read_only: Type.Optional(Type.Boolean()),
    tmpfs: Type.Optional(Type.Array(Type.String())),
    cap_drop: Type.Optional(Type.Array(Type.String())),
    security_opt: Type.Optional(Type.Array(Type.String())),
    stop_grace_period: Type.Optional(Type.String({ pattern: '^\\d+s$' })),
    depends_on: Type.Optional(Type.Record(Type.String(), Type.Object({ condition: Type.Literal('service_healthy') }))),
    environment: Type.Record(Type.String({ pattern: '^[A-Z][A-Z0-9_]*$' }), Type.String()),
    volumes: Type.Array(Type.String({ pattern: '^[^:]+:/[^:]+(:ro)?$' })),
    ports: Type.Optional(Type.Array(Type.String({ pattern: '^127\\.0\\.0\\.1:\\d+:\\d+$' }))),
    healthcheck: Type.Optional(
      Type.Object(
        { test: Type.Array(Type.String()), interval: Type.String(), timeout: Type.String(), retries: Type.Integer() },
        { additionalProperties: false },
      ),
    ),
  },
  { additionalProperties: false },
)
const Compose = Type.Object(
  { name: Type.String(), services: Type.Record(Type.String(), Service), volumes: Type.Record(Type.String(), Type.Null()) },
  { additionalProperties: false },
)

const text = readFileSync(root('compose.yaml'), 'utf8')
const compose = parse(text) as Static<typeof Compose>
const services = Object.entries(compose.services)

test('compose.yaml has the structure of a compose file', () => {
  expect([...Value.Errors(Compose, compose)].map((problem) => `${problem.instancePath}: ${problem.message}`)).toEqual([])
  expect(services.map(([name]) => name)).toEqual(['gaugekeeper', 'influxdb', 'grafana'])
  for (const [name, { build, image, depends_on }] of services) {
    expect({ name, sources: [build, image].filter((source) => source !== undefined).length }).toEqual({ name, sources: 1 })
    for (const other of Object.keys(depends_on ?? {})) expect(compose.services[other]?.healthcheck).toBeDefined()
  }
})

test('compose.yaml says that it is checked and not run', () => {
  expect(text).toMatch(/not been\n# run in our tests/)
})

test('what is mounted exists: files of the repository, or volumes that are declared', () => {
  const used = services.flatMap(([, { volumes }]) => volumes.map((volume) => volume.split(':')[0] ?? ''))
  for (const source of used) {
    if (source.startsWith('./')) expect({ source, exists: existsSync(root(source)) }).toEqual({ source, exists: true })
    else expect(Object.keys(compose.volumes)).toContain(source)
  }
  expect(Object.keys(compose.volumes).filter((volume) => !used.includes(volume))).toEqual([])
  expect(existsSync(root('Dockerfile'))).toBe(true)
})

test('no password or token stands in the file: each must be set, or nothing starts', () => {
  const secrets = services.flatMap(([, { environment }]) =>
    Object.entries(environment).filter(([name]) => /PASSWORD|TOKEN|SECRET|KEY$/.test(name)),
  )
  expect(secrets.map(([name]) => name).sort()).toEqual([
    'DOCKER_INFLUXDB_INIT_ADMIN_TOKEN',
    'DOCKER_INFLUXDB_INIT_PASSWORD',
    'GAUGEKEEPER_INFLUX_TOKEN',
    'GF_SECURITY_ADMIN_PASSWORD',
    'INFLUX_TOKEN',
  ])
  for (const [name, value] of secrets) expect({ name, value }).toEqual({ name, value: expect.stringMatching(/^\$\{[A-Z_]+:\?[^}]+\}$/) })
})

test('the settings that it gives Gaugekeeper exist', () => {
  const known = [
    ...Object.keys(ServerConfig.properties).map((name) => `SERVER_${name}`),
    ...Object.keys(InfluxConfig.properties).map((name) => `INFLUX_${name}`),
  ].map((name) => `GAUGEKEEPER_${name.replace(/([a-z])([A-Z])/g, '$1_$2').toUpperCase()}`)
  const given = Object.keys(compose.services['gaugekeeper']?.environment ?? {})
  expect(given.filter((name) => !known.includes(name))).toEqual([])
  expect(given.length).toBeGreaterThan(5)
})

test('what the data source asks of its environment, Grafana is given', () => {
  const source = readFileSync(root('grafana/provisioning/datasources/gaugekeeper.yaml'), 'utf8')
  const asked = [...source.replace(/^#.*$/gm, '').matchAll(/\$(\w+)/g)].map(([, name]) => name)
  expect(Object.keys(compose.services['grafana']?.environment ?? {})).toEqual(expect.arrayContaining(asked))
  expect(asked.length).toBe(3)
})

test('the image runs as a user who is not root, from what the second stage copies', () => {
  const stages = readFileSync(root('Dockerfile'), 'utf8')
    .split(/^FROM /m)
    .slice(1)
  expect(stages).toHaveLength(2)
  const last = stages[1] ?? ''
  expect(last).toMatch(/^USER node$/m)
  expect(last.match(/^COPY (?!--from=build )/gm)).toBeNull()
})
