import Type from 'typebox'
import { stationKinds } from '../../domain/network.ts'
import type { Warning } from '../../domain/warning.ts'
import { networkNote, openByStation, stationDetail, stationList, stationSummary, type Scene } from '../answers/station.ts'
import { oneOf, stationOf } from '../asked.ts'
import { readClocks } from '../clocks.ts'
import { inPieces } from '../pieces.ts'
import type { Resource, RouteContext } from '../context.ts'
import { answers, asked, security, strict } from '../documented.ts'
import { StationDetail, StationList } from '../schemas/station.ts'

/** Pending and active warnings that an overview reads at most. */
const openAtMost = 10_000

const Filter = strict({
  network: asked.text('Only this network', 'demo'),
  kind: Type.Optional(Type.Enum([...stationKinds], { description: 'Only this kind', examples: ['river'] })),
  simulated: Type.Optional(Type.Boolean({ description: 'Only simulated, or only real stations', examples: [true] })),
  cells: Type.Boolean({ default: false, description: 'With the last day of the leading series in half hours', examples: [true] }),
})

/** Stations as they are: list and one. */
export const stations: Resource = (context) => async (app) => {
  const { parts, access } = context
  app.get(
    '/stations',
    {
      schema: {
        operationId: 'stations',
        tags: ['stations'],
        summary: 'All stations as they are: newest values, age, trend, standing among the stages, open warnings',
        security: security.reader,
        querystring: Filter,
        response: answers(200, StationList, 'The stations, in the order of their networks'),
      },
    },
    async (request) => {
      const sight = await access.sight(request)
      const { network, kind, simulated, cells } = request.query
      const scene = await sceneOf(context)
      const networks = scene.fleet.networks.filter((one) => sight.sees(one.run) && (simulated ?? one.run !== null) === (one.run !== null))
      const ids = networks.map((one) => one.id)
      const shown = networks.filter((one) => network === undefined || one.id === oneOf(network, 'network', ids))
      const chosen = shown.flatMap((one) => one.stations.filter((station) => kind === undefined || station.kind === kind))
      const summaries = await inPieces(chosen, (station) => stationSummary(station, scene, cells))
      return stationList(
        summaries,
        shown.map((one) => networkNote(one, scene)),
        parts.now(),
      )
    },
  )

  app.get(
    '/stations/:station',
    {
      schema: {
        operationId: 'station',
        tags: ['stations'],
        summary: 'One station with its neighbours on the river, its sensors and their last day',
        security: security.reader,
        params: strict({ station: Type.String({ maxLength: 100, examples: ['qingxi'] }) }),
        response: answers(200, StationDetail, 'The station'),
      },
    },
    async (request) => {
      const { fleet } = parts
      const { station, network } = stationOf(request.params.station, fleet(), await access.sight(request))
      return stationDetail(station, network, await sceneOf(context))
    },
  )
}

async function sceneOf({ parts, board }: RouteContext): Promise<Scene> {
  const open: Warning[] = await parts.store.warnings.warnings({ states: ['pending', 'active'], limit: openAtMost })
  const clockOf = await readClocks(parts, board)
  return { fleet: parts.fleet(), board, clockOf, catchingUp: parts.catchingUp(), open: openByStation(open) }
}
