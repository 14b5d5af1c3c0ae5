import { watchAcknowledge } from './acknowledge.ts'
import { startCharts } from './chart.ts'
import { tickAges } from './clock.ts'
import { fillFromFiles } from './file.ts'
import { linkMapAndList } from './hover.ts'
import { followLive } from './live.ts'
import { watchProgress } from './poll.ts'
import { tellWidth, tellZone, watchSearchKey, watchTheme } from './preferences.ts'

// Every page is whole without this; it adds what moves.
tellWidth()
tellZone()
watchTheme()
watchSearchKey()
watchAcknowledge()
linkMapAndList()
tickAges()
followLive()
startCharts()
watchProgress()
fillFromFiles()
