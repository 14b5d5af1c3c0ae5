import { InfluxDB, Point } from '@influxdata/influxdb-client'
import mqtt from 'mqtt'

/** What the peer pipeline is told: the usual hand-written bridge of MQTT and InfluxDB. */
export interface PeerOrder {
  mqttPort: number
  influxPort: number
  database: string
}

interface Message {
  seq: number
  at: string
  station: string
  values: Record<string, { v: number; u: string }>
}

/** mosquitto -> mqtt.js -> WriteApi -> influxd: subscribes, parses, writes points in the client's default batches, until it is killed. */
export function runPeer(order: PeerOrder): void {
  const influx = new InfluxDB({ url: `http://127.0.0.1:${order.influxPort}`, token: 'none' })
  const writer = influx.getWriteApi('', '', 'ms', { batchSize: 5000, flushInterval: 200, maxBufferLines: 1_000_000 })
  Object.assign(writer, { path: `/write?db=${order.database}&precision=ms` })
  const client = mqtt.connect(`mqtt://127.0.0.1:${order.mqttPort}`, { clientId: 'bridge', clean: false })
  client.on('connect', () => client.subscribe('devices/+/readings', { qos: 1 }, () => process.stdout.write('ready\n')))
  client.on('message', (topic, payload) => {
    const message = JSON.parse(payload.toString()) as Message
    const at = new Date(message.at)
    const device = topic.split('/')[1] ?? ''
    for (const [parameter, { v }] of Object.entries(message.values))
      writer.writePoint(
        new Point('observation')
          .tag('station', message.station)
          .tag('parameter', parameter)
          .tag('sensor', '1')
          .floatField('value', v)
          .intField('flag', 2)
          .intField('received_at', Date.now())
          .intField('seq', message.seq)
          .stringField('device', device)
          .booleanField('sim', false)
          .timestamp(at),
      )
  })
}
