import type { NetworkFile } from '../../domain/network-schema.ts'
import type { StationKind } from '../../domain/network.ts'
import { hasWordsFor } from '../logger/field-firmware.ts'
import { keyOf } from '../world/random.ts'
import type { StationFile } from './sensors.ts'

/** Shares of the stations that could, 0..1. */
export interface FieldShares {
  hj212?: number | undefined
  sl651?: number | undefined
}

type DeviceFile = NonNullable<NetworkFile['devices']>[number]

const works: readonly StationKind[] = ['outfall']
const gauges: readonly StationKind[] = ['river', 'rain', 'reservoir', 'sea']

/** A device for each station: of works and gauges, evenly spread, a share speaks the protocol of its trade where that has words for all it measures. */
export function withProtocols(
  stations: readonly StationFile[],
  id: string,
  { hj212 = 0, sl651 = 0 }: FieldShares,
): { stations: StationFile[]; devices: DeviceFile[] } {
  const [isHj212, isSl651] = [everySoOften(hj212), everySoOften(sl651)]
  const devices = stations.map((station, place): DeviceFile => {
    const device = { id: `${id}-${station.id}`, stations: [station.id] }
    if (works.includes(station.kind) && speaks(station, 'hj212') && isHj212())
      return { ...device, protocol: 'hj212' as const, hj212: { mn: `${digits(id, 8)}${digits(station.id, 8)}` } }
    if (gauges.includes(station.kind) && speaks(station, 'sl651') && isSl651()) return { ...device, ...sl651Of(station, id, place) }
    return device
  })
  return { stations: stations.map((station, place) => (devices[place]?.protocol === 'hj212' ? ofMoments(station) : station)), devices }
}

/** HJ 212 says of each value whether it is of a moment or a mean; results of an analyser are of moments, however seldom they come. */
const ofMoments = (station: StationFile): StationFile => ({
  ...station,
  sensors: station.sensors.map((sensor) => ({ ...sensor, statistic: 'value' as const })),
})

/** The 5-minute amount of a report (PN05) is what the catalogue calls rainfall. */
function sl651Of({ id: station, sensors }: StationFile, id: string, place: number): Pick<DeviceFile, 'protocol' | 'sl651' | 'channels'> {
  const address = `${digits(id, 6)}${place.toString(16).padStart(4, '0')}`.toUpperCase()
  const hasRain = sensors.some(({ parameter }) => parameter === 'rainfall')
  return { protocol: 'sl651', sl651: { address }, ...(hasRain && { channels: { PN05: `${station}/rainfall/1` } }) }
}

/** True for a share of its calls, evenly; for at least one of two where the share is a half. */
function everySoOften(share: number): () => boolean {
  let [count, taken] = [0, 0]
  return () => {
    count += 1
    if (Math.floor(count * share + 1e-9) <= taken) return false
    taken += 1
    return true
  }
}

const speaks = ({ sensors }: StationFile, protocol: 'hj212' | 'sl651'): boolean =>
  hasWordsFor(
    protocol,
    sensors.map(({ parameter }) => parameter),
  ) && sensors.every(({ from }) => from !== 'counter')

/** So many HEX digits that are a name's own: two runs of one basin are two fleets. */
const digits = (name: string, count: number): string => (keyOf(name) >>> 0).toString(16).padStart(8, '0').slice(-count).toUpperCase()
