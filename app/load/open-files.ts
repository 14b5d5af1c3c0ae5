import { readFileSync } from 'node:fs'

/** What a load opens, and how many files the processes that hold its sockets may have open; null = not known, and not looked at. */
export interface SocketNeed {
  devices: number
  processes: number
  /** This process, and those that it starts. */
  ownLimit: number | null
  /** The server: this process (`own`), or another on this machine. */
  server: 'own' | 'elsewhere' | { pid: number; limit: number | null }
}

/** Files beside the sockets of the devices: journal, store, listeners and what asks the api. Measured: 34 in a server at rest. */
const besideInServer = 100
/** A process of Node that is only connected to the one that started it has some 25. */
const besideInProcess = 32

/** Most files that this process may have open, which those that it starts inherit; null where the system does not tell. */
export function ownOpenFiles(): number | null {
  // else it asks the name service for each end of each connection
  const report: { getReport(): object; excludeNetwork?: boolean } = process.report
  report.excludeNetwork = true
  const { userLimits } = report.getReport() as { userLimits?: { open_files?: { soft: number | string } } }
  return limitIn(userLimits?.open_files?.soft)
}

/** The same of another process; null where the system does not tell, which only Linux does. */
export function openFilesOf(pid: number): number | null {
  try {
    return limitIn(/^Max open files\s+(\S+)/m.exec(readFileSync(`/proc/${pid}/limits`, 'utf8'))?.[1])
  } catch {
    return null
  }
}

/** A number, or `unlimited`. */
function limitIn(said: number | string | undefined): number | null {
  if (said === undefined) return null
  return said === 'unlimited' ? Infinity : Number(said)
}

/** A sentence that says what has to be raised before so many devices can have a socket each; null when all find room. */
export function tooFewFiles({ devices, processes, ownLimit, server }: SocketNeed): string | null {
  const inServer = devices + besideInServer
  if (typeof server === 'object' && server.limit !== null && server.limit < inServer)
    return `${devices} devices need ${inServer} open files in the server (process ${server.pid}), which may have ${server.limit}: start it again where \`ulimit -n\` says ${inServer} (in a unit of systemd LimitNOFILE=${inServer}), or take fewer devices`
  const inProcess = Math.ceil(devices / Math.min(processes, devices)) + besideInProcess
  const needed = server === 'own' ? Math.max(inServer, inProcess) : inProcess
  if (ownLimit === null || ownLimit >= needed) return null
  return `${devices} devices need ${needed} open files in one process, and ${ownLimit} are allowed here: raise that first (\`ulimit -n ${needed}\`), or take fewer devices`
}
