import type { Role } from './people.ts'

/** What can be allowed, and the least role that has it. A key has those that it was given as scopes. */
export const permissions = {
  /** See everything; a key with it also logs in over MQTT. */
  read: 'viewer',
  /** Take note of warnings, silence and close them. */
  warnings: 'officer',
  /** Mend what was put aside, correct values, ask devices for what is missing. */
  data: 'engineer',
  /** Simulations and replays. */
  runs: 'engineer',
  /** Devices, their secrets and certificates. */
  devices: 'administrator',
  /** People and keys: whoever has it can give themselves everything. */
  people: 'administrator',
  /** Who did what. */
  audit: 'administrator',
} as const satisfies Record<string, Role>
export type Permission = keyof typeof permissions

/**
 * What a route asks for: a permission; `person`, somebody logged in with a session; `device`, a login of a device, which the route
 * checks; `anyone`. Without a login, loopback has `read` for simulated data.
 */
export type Need = Permission | 'person' | 'device' | 'anyone'

/** What every route of the api asks for, by its operationId. A route that is not here cannot be registered. */
export const operations: Readonly<Record<string, Need>> = {
  deliver: 'device',
  deliveryReceipt: 'device',
  stations: 'read',
  station: 'read',
  seriesList: 'read',
  series: 'read',
  observations: 'read',
  observationsLatest: 'read',
  observationsWindows: 'read',
  rollups: 'read',
  completeness: 'read',
  gaps: 'read',
  warnings: 'read',
  warning: 'read',
  acknowledge: 'warnings',
  devices: 'read',
  addDevices: 'devices',
  putDevice: 'devices',
  removeDevice: 'devices',
  deviceSecret: 'devices',
  deviceCommand: 'data',
  revokeDevice: 'devices',
  issueCertificate: 'devices',
  certificates: 'devices',
  revokeCertificate: 'devices',
  // everybody who connects over TLS sees it
  certificateAuthority: 'anyone',
  openClaims: 'devices',
  // the code is what it asks for
  claimDevice: 'anyone',
  quarantine: 'read',
  quarantineGroups: 'read',
  quarantineEntry: 'read',
  runQuarantine: 'data',
  closeQuarantine: 'data',
  mapping: 'read',
  putMapping: 'data',
  deviceClock: 'read',
  correctClock: 'data',
  withdrawClock: 'data',
  correctValues: 'data',
  corrections: 'read',
  observationVersions: 'read',
  runs: 'read',
  createRun: 'runs',
  moveClock: 'runs',
  replayDeliveries: 'runs',
  removeRun: 'runs',
  simulator: 'runs',
  startSimulation: 'runs',
  startLoad: 'runs',
  startReplay: 'runs',
  simulation: 'runs',
  stopSimulation: 'runs',
  removeSimulation: 'runs',
  simulationTruth: 'runs',
  stream: 'read',
  users: 'people',
  addUser: 'people',
  changeRole: 'people',
  removeUser: 'people',
  resetUser: 'people',
  keys: 'people',
  makeKey: 'people',
  revokeKey: 'people',
  audit: 'audit',
  session: 'anyone',
  login: 'anyone',
  logout: 'anyone',
  changePassword: 'person',
  problem: 'anyone',
  system: 'read',
  healthz: 'anyone',
  readyz: 'anyone',
  metrics: 'read',
  openapi: 'anyone',
}
