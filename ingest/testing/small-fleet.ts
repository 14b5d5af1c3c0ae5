import { createFleet, type Fleet } from '../../domain/fleet.ts'
import { deviceId, parameterKey, runId, sensorId, stationId } from '../../domain/ids.ts'
import type { Device, Network, Sensor, Station } from '../../domain/network.ts'
import { findParameter } from '../../domain/parameters.ts'

/** A sensor as tests need it: values every 5 min, a day of lateness. */
export function sensorOf(station: string, parameter: string, more: Partial<Sensor> = {}): Sensor {
  const found = findParameter(parameter)
  if (found === null) throw new Error(`no parameter ${parameter}`)
  const number = more.number ?? 1
  return {
    id: sensorId(stationId(station), parameterKey(found.key), number),
    station: stationId(station),
    parameter: found,
    number,
    everyMs: 300_000,
    statistic: null,
    from: 'value',
    perTip: null,
    modulus: null,
    stages: new Map(),
    range: { fail: null, suspect: null },
    latenessMs: 86_400_000,
    ...more,
  }
}

export function stationOf(id: string, sensors: readonly Sensor[], network = 'n'): Station {
  return {
    id: stationId(id),
    name: { en: id, zh: id },
    kind: 'river',
    location: null,
    reach: null,
    targetClass: null,
    zone: null,
    permit: null,
    sensors,
    network,
  }
}

export function deviceOf(id: string, stations: readonly string[], more: Partial<Device> = {}): Device {
  return {
    id: deviceId(id),
    protocol: 'mqtt',
    stations: stations.map(stationId),
    channels: new Map(),
    clock: { zone: null, none: false },
    units: new Map(),
    addresses: [],
    hj212: null,
    sl651: null,
    szy206: null,
    run: null,
    network: 'n',
    ...more,
  }
}

export function networkOf(id: string, stations: readonly Station[], devices: readonly Device[], run: string | null = null): Network {
  return {
    id,
    name: { en: id, zh: id },
    timeZone: 'Asia/Shanghai',
    dayStartsAtMinutes: 480,
    recorded: false,
    stations,
    devices,
    rules: [],
    file: null,
    run: run === null ? null : runId(run),
  }
}

/** One device at one station with some sensors. */
export function fleetOf(sensors: readonly Sensor[], device = deviceOf('d', [...new Set(sensors.map((sensor) => sensor.station))])): Fleet {
  const stations = device.stations.map((id) =>
    stationOf(
      id,
      sensors.filter((sensor) => sensor.station === id),
    ),
  )
  return createFleet([networkOf('n', stations, [device])])
}
