import { dataSource } from './model.ts'

/** Data source: InfluxQL, which 1.x, 2.x (with the DBRP mapping that Gaugekeeper makes) and 3.x answer. Address and token come from outside. */
export const dataSourceFile = `# Made by grafana/generate.ts; npm run grafana makes it anew.
# Grafana fills in INFLUX_URL, INFLUX_DATABASE and INFLUX_TOKEN from its environment. InfluxDB 1.x without a login ignores the header.
apiVersion: 1
datasources:
  - name: Gaugekeeper
    uid: ${dataSource.uid}
    type: ${dataSource.type}
    access: proxy
    url: $INFLUX_URL
    isDefault: true
    editable: false
    jsonData:
      version: InfluxQL
      dbName: $INFLUX_DATABASE
      httpMode: POST
      httpHeaderName1: Authorization
    secureJsonData:
      httpHeaderValue1: Token $INFLUX_TOKEN
`

/** Where Grafana finds the dashboards. */
export const dashboardsFile = `# Made by grafana/generate.ts; npm run grafana makes it anew.
apiVersion: 1
providers:
  - name: Gaugekeeper
    folder: Gaugekeeper
    type: file
    disableDeletion: true
    allowUiUpdates: false
    options:
      path: /etc/grafana/dashboards
`
