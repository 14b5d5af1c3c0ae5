import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { dashboards } from './generate.ts'
import { dataSource, type PlainDashboard } from './model.ts'

const files = dashboards()
const made = files.filter(({ file }) => file.endsWith('.json')).map(({ content }) => JSON.parse(content) as PlainDashboard)

test('what is committed is what is made', () => {
  for (const { file, content } of files) {
    const committed = readFileSync(fileURLToPath(new URL(`../${file}`, import.meta.url)), 'utf8')
    // npm run grafana makes the files anew.
    expect(committed).toBe(content)
  }
})

test('there are four dashboards, and no two things of one name', () => {
  const uids = made.map(({ uid }) => uid)
  expect(uids).toEqual(['network', 'station', 'warnings', 'system'].map((name) => `gaugekeeper-${name}`))
  for (const { panels, title } of made) {
    const titles = panels.map((panel) => panel.title)
    expect({ title, titles: [...new Set(titles)] }).toEqual({ title, titles })
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
  }
})

test('panels stand side by side, never on each other, never beyond the edge', () => {
  for (const { panels } of made) {
    const cells = new Set<string>()
    for (const { gridPos } of panels) {
      const { x, y, w, h } = gridPos ?? { x: 0, y: 0, w: 0, h: 0 }
      expect(x + w).toBeLessThanOrEqual(24)
      for (let i = x; i < x + w; i += 1) for (let k = y; k < y + h; k += 1) cells.add(`${i} ${k}`)
    }
    expect(cells.size).toBe(panels.reduce((sum, { gridPos }) => sum + (gridPos?.w ?? 0) * (gridPos?.h ?? 0), 0))
  }
})

test('every query names the provisioned data source', () => {
  const [source] = (parse(files[0]?.content ?? '') as { datasources: { uid: string; type: string }[] }).datasources
  expect(source).toMatchObject(dataSource)
  for (const { panels } of made) {
    for (const panel of panels) {
      expect(panel.datasource).toEqual(dataSource)
      for (const target of panel.targets ?? []) expect(target.datasource).toEqual(dataSource)
    }
  }
})

test('the data source holds no secret: address and token come from the environment', () => {
  const [source] = (parse(files[0]?.content ?? '') as { datasources: Record<string, unknown>[] }).datasources
  expect(source?.['url']).toBe('$INFLUX_URL')
  expect(source?.['secureJsonData']).toEqual({ httpHeaderValue1: 'Token $INFLUX_TOKEN' })
})
