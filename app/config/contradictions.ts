import { brokerFaults } from '../../broker/config.ts'
import { profiles } from '../../broker/profiles.ts'
import { isLoopback } from '../system/listen.ts'
import type { Settings } from './all.ts'

/** What is wrong with settings that are right each by itself, a sentence each with the setting in front. Reads and opens nothing. */
export function contradictions({ server, tls, broker, store, influx }: Settings): string[] {
  const faults = brokerFaults(broker)
  if (store.engine === 'influxdb' && influx.url === '')
    faults.push('store.engine: influxdb needs the address of an InfluxDB: set influx.url, or leave store.engine at duckdb')
  if (URL.canParse(influx.url) && (new URL(influx.url).username !== '' || new URL(influx.url).password !== ''))
    faults.push('influx.url: a login in the address would stand in the log; set influx.username and influx.password, or influx.token')
  if (!isLoopback(server.host) && server.plain !== 'everywhere') {
    const how = 'set tls.enabled and leave server.host, or set server.plain to everywhere on a network that is your own'
    faults.push(`server.plain: passwords and readings would pass ${server.host} unencrypted; ${how}`)
  }
  const host = [server.host, ...(tls.enabled ? [tls.host] : [])].find((one) => !isLoopback(one))
  if (host !== undefined && profiles[broker.profile].loopbackOnly) {
    const how = 'every login may then read and write every topic; set it to strict, or listen on 127.0.0.1'
    faults.push(`broker.profile: ${broker.profile} is for this machine only, not for ${host}: ${how}`)
  }
  return faults
}
