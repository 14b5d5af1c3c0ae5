import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Command } from 'commander'
import { dashboards } from '../../grafana/generate.ts'

/** `gaugekeeper grafana [--write]`: the data source and dashboards, made anew. */
export function addGrafana(program: Command): void {
  program
    .command('grafana')
    .description('make the Grafana data source and dashboards')
    .option('--write', 'write them below the current folder instead of listing their names')
    .action((options: { write?: boolean }) => {
      for (const { file, content } of dashboards()) {
        if (options.write) {
          mkdirSync(path.dirname(file), { recursive: true })
          writeFileSync(file, content)
        }
        process.stdout.write(`${file}\n`)
      }
    })
}
