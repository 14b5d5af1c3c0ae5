import { dashboardFile } from './model.ts'
import { network } from './network.ts'
import { dashboardsFile, dataSourceFile } from './provisioning.ts'
import { station } from './station.ts'
import { system } from './system.ts'
import { warnings } from './warnings.ts'

export interface GrafanaFile {
  /** From the root of the repository. */
  file: string
  content: string
}

/** Everything that Grafana is provisioned with: the data source, where the dashboards are, and four dashboards. Pure. */
export function dashboards(): GrafanaFile[] {
  return [
    { file: 'grafana/provisioning/datasources/gaugekeeper.yaml', content: dataSourceFile },
    { file: 'grafana/provisioning/dashboards/gaugekeeper.yaml', content: dashboardsFile },
    { file: 'grafana/dashboards/network.json', content: dashboardFile(network) },
    { file: 'grafana/dashboards/station.json', content: dashboardFile(station) },
    { file: 'grafana/dashboards/warnings.json', content: dashboardFile(warnings) },
    { file: 'grafana/dashboards/system.json', content: dashboardFile(system) },
  ]
}
