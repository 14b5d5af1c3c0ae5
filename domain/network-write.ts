import type { Device, Network, RuleDefinition, Sensor, Sl651Settings, Station, Szy206Settings } from './network.ts'
import type { DeviceFile, NetworkFile, RuleFile } from './network-schema.ts'
import { formatDuration } from './time.ts'

type StationFile = NetworkFile['stations'][number]
type SensorFile = StationFile['sensors'][number]

/**
 * A network as the content of a network file: plain objects, ready for a YAML or JSON writer. What equals its default is left out.
 * `readNetwork` of it gives the same network again, apart from `file` and `run`.
 */
export function writeNetwork(network: Network): NetworkFile {
  const { id, name, timeZone, dayStartsAtMinutes: minutes, recorded } = network
  const dayStartsAt = `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`
  return {
    network: { id, name: { ...name }, timeZone, dayStartsAt, ...(recorded && { recorded }) },
    stations: network.stations.map(writeStation),
    devices: network.devices.map(writeDevice),
    rules: network.rules.map(writeRule),
  }
}

function writeStation(station: Station): StationFile {
  const { reach, zone, permit } = station
  return {
    id: station.id,
    name: { ...station.name },
    kind: station.kind,
    ...(station.location && { location: { ...station.location } }),
    ...(reach && {
      reach: {
        downstream: reach.downstream,
        ...(reach.travelTimeMs !== null && { travelTime: formatDuration(reach.travelTimeMs) }),
        ...(reach.lengthKm !== null && { length: `${reach.lengthKm} km` }),
      },
    }),
    ...(station.targetClass && { targetClass: station.targetClass }),
    ...(zone && { zone: { name: { ...zone.name }, ...(zone.targetClass && { targetClass: zone.targetClass }) } }),
    ...(permit && { permit: { ...(permit.parameter && { parameter: permit.parameter }), amount: permit.amount, unit: permit.unit } }),
    sensors: station.sensors.map(writeSensor),
  }
}

function writeSensor(sensor: Sensor): SensorFile {
  const { fail, suspect } = sensor.range
  return {
    parameter: sensor.parameter.key,
    ...(sensor.number !== 1 && { number: sensor.number }),
    ...(sensor.everyMs !== null && { every: formatDuration(sensor.everyMs) }),
    ...(sensor.statistic !== null && { statistic: sensor.statistic }),
    ...(sensor.stages.size > 0 && { stages: Object.fromEntries(sensor.stages) }),
    ...((fail || suspect) && { range: { ...(fail && { fail: [...fail] }), ...(suspect && { suspect: [...suspect] }) } }),
    ...(sensor.from === 'counter' && { from: sensor.from }),
    ...(sensor.perTip !== null && { perTip: sensor.perTip }),
    ...(sensor.modulus !== null && { modulus: sensor.modulus }),
    lateness: formatDuration(sensor.latenessMs),
  }
}

function writeDevice(device: Device): DeviceFile {
  const { zone, none } = device.clock
  return {
    id: device.id,
    protocol: device.protocol,
    stations: [...device.stations],
    ...(device.stationPrefix && { stationPrefix: device.stationPrefix }),
    ...(device.channels.size > 0 && { channels: Object.fromEntries(device.channels) }),
    ...(device.units.size > 0 && { units: Object.fromEntries(device.units) }),
    ...(device.addresses.length > 0 && { addresses: [...device.addresses] }),
    ...(device.hj212 && { hj212: { mn: device.hj212.mn, crc: device.hj212.crc, ...(device.hj212.sm4 && { sm4: device.hj212.sm4 }) } }),
    ...(device.sl651 && { sl651: writeSl651(device.sl651) }),
    ...(device.szy206 && { szy206: writeSzy206(device.szy206) }),
    ...((zone !== null || none) && { clock: { ...(zone !== null && { zone }), none } }),
  }
}

function writeSl651({ address, mode, stayOnline, levelBase, periodQuery, settings }: Sl651Settings): NonNullable<DeviceFile['sl651']> {
  const unverified = {
    ...(levelBase !== null && { levelBase }),
    ...(periodQuery !== null && { periodQuery }),
    ...(settings && { settings }),
  }
  return { address, mode, stayOnline, ...unverified }
}

function writeSzy206({ address, confirm, levelDecimals, missingAA }: Szy206Settings): NonNullable<DeviceFile['szy206']> {
  return { address, missingAA, ...(confirm !== null && { confirm }), ...(levelDecimals !== null && { levelDecimals }) }
}

function writeRule(rule: RuleDefinition): RuleFile {
  return {
    id: rule.id,
    kind: rule.kind,
    ...(rule.parameter && { parameter: rule.parameter }),
    ...(rule.stations && { stations: [...rule.stations] }),
    ...(Object.keys(rule.levels).length > 0 && { levels: { ...rule.levels } }),
    ...(rule.trusts && { trusts: [...rule.trusts] }),
    ...Object.fromEntries(Object.entries(rule.settings).map(writeSetting)),
  }
}

function writeSetting([key, value]: [string, unknown]): [string, unknown] {
  return key.endsWith('Ms') && typeof value === 'number' ? [key.slice(0, -2), formatDuration(value)] : [key, value]
}
