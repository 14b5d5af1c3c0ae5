import Type from 'typebox'
import { sensorId, parameterKey } from '../../domain/ids.ts'
import { hint } from '../../domain/nearest.ts'
import { seriesDetail, seriesSummary } from '../answers/series.ts'
import { oneOf, stationOf } from '../asked.ts'
import { readClocks } from '../clocks.ts'
import { inPieces } from '../pieces.ts'
import type { Resource } from '../context.ts'
import { answers, asked, security, strict } from '../documented.ts'
import { ApiProblem } from '../errors.ts'
import { SeriesDetail, SeriesList } from '../schemas/series.ts'

const listRoute = {
  operationId: 'seriesList',
  tags: ['series'],
  summary: 'All series: what is measured where, how often, with which stages, and the newest value',
  security: security.reader,
  querystring: strict({
    station: asked.text('Only this station', 'qingxi'),
    parameter: asked.text('Only this parameter', 'water_level'),
    network: asked.text('Only this network', 'demo'),
  }),
  response: answers(200, SeriesList, 'The series, in the order of their stations'),
}

const oneRoute = {
  operationId: 'series',
  tags: ['series'],
  summary: 'One series with its last readings and its last day in half hours',
  security: security.reader,
  params: strict({
    station: Type.String({ maxLength: 100, examples: ['qingxi'] }),
    parameter: Type.String({ maxLength: 100, examples: ['water_level'] }),
    number: Type.Integer({ minimum: 1, maximum: 9999, examples: [1] }),
  }),
  response: answers(200, SeriesDetail, 'The series'),
}

/** Sensors as they are: list and one. */
export const series: Resource = (context) => async (app) => {
  const { parts, access, board } = context
  app.get('/series', { schema: listRoute }, async (request) => {
    const fleet = parts.fleet()
    const sight = await access.sight(request)
    const { station, parameter, network } = request.query
    const networks = fleet.networks.filter((one) => sight.sees(one.run))
    const seen = networks.flatMap((one) => one.stations.flatMap((place) => place.sensors.map((sensor) => ({ sensor, one }))))
    if (station !== undefined) stationOf(station, fleet, sight)
    if (parameter !== undefined) oneOf(parameter, 'parameter', [...new Set<string>(seen.map(({ sensor }) => sensor.parameter.key))])
    if (network !== undefined)
      oneOf(
        network,
        'network',
        networks.map((one) => one.id),
      )
    const clockOf = await readClocks(parts, board)
    const chosen = seen.filter(
      ({ sensor, one }) =>
        (station === undefined || sensor.station === station) &&
        (parameter === undefined || sensor.parameter.key === parameter) &&
        (network === undefined || one.id === network),
    )
    return {
      series: await inPieces(chosen, ({ sensor, one }) => seriesSummary(sensor, board.of(sensor.id), one.run, clockOf(one.run))),
    }
  })

  app.get('/series/:station/:parameter/:number', { schema: oneRoute }, async (request) => {
    const { parameter, number } = request.params
    const { station, network } = stationOf(request.params.station, parts.fleet(), await access.sight(request))
    const id = sensorId(station.id, parameterKey(parameter), number)
    const sensor = station.sensors.find((one) => one.id === id)
    if (!sensor) {
      const own = station.sensors.map((one) => one.id)
      throw new ApiProblem('not-found', `Station ${station.id} has no series ${id}${hint(id, own)}; it has ${own.join(', ') || 'none'}.`)
    }
    return seriesDetail(sensor, board.of(sensor.id), network.run, (await readClocks(parts, board))(network.run))
  })
}
