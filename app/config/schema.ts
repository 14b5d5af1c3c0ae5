import Type, { type Static } from 'typebox'

const text = (description: string, value: string) => Type.String({ description, default: value })

/** What belongs to the process as a whole. The other sections stand beside the code that reads them. */
export const ServerConfig = Type.Object(
  {
    host: text(
      'Address that HTTP and MQTT listen on. Another than loopback is refused until the administrator has set a password.',
      '127.0.0.1',
    ),
    plain: Type.Union([Type.Literal('loopback'), Type.Literal('everywhere')], {
      description:
        'Where the listeners, which do not encrypt, may be. everywhere: also on other addresses, as behind a proxy that ends TLS or on a network of its own.',
      default: 'loopback',
    }),
    port: Type.Integer({
      description: 'HTTP port; MQTT over WebSocket is at /mqtt on it. 0 picks a free one.',
      default: 8080,
      minimum: 0,
      maximum: 65535,
    }),
    mqttPort: Type.Integer({ description: 'MQTT port. 0 picks a free one.', default: 1883, minimum: 0, maximum: 65535 }),
    data: text('Data folder: journal, store, sessions. One process owns it.', './data'),
    logLevel: Type.Union(
      [Type.Literal('debug'), Type.Literal('info'), Type.Literal('warn'), Type.Literal('error'), Type.Literal('silent')],
      {
        description: 'Least severe line that is logged.',
        default: 'info',
      },
    ),
  },
  { additionalProperties: false, default: {} },
)

/** The listeners that encrypt, beside the plain ones. */
export const TlsConfig = Type.Object(
  {
    enabled: Type.Boolean({ description: 'Listen for MQTT and HTTP over TLS (1.2 or newer) as well.', default: false }),
    host: text('Address that they listen on. Another than loopback is refused until the administrator has set a password.', '0.0.0.0'),
    mqttPort: Type.Integer({ description: 'Port of MQTT over TLS. 0 picks a free one.', default: 8883, minimum: 0, maximum: 65535 }),
    httpsPort: Type.Integer({
      description: 'HTTPS port; MQTT over WebSocket is at /mqtt on it, unless certificates are required. 0 picks a free one.',
      default: 8443,
      minimum: 0,
      maximum: 65535,
    }),
    names: Type.Array(Type.String({ pattern: '^[A-Za-z0-9.:-]{1,253}$' }), {
      description: 'Names and addresses, beside localhost, by which devices and browsers know this server; its certificate is for them.',
      default: [],
    }),
    certificate: text(
      'File of a certificate (PEM, its chain behind it) to show; empty = one of the device CA. Read again when it changes.',
      '',
    ),
    key: text('File of the key of that certificate (PEM).', ''),
    clientCertificate: Type.Union([Type.Literal('optional'), Type.Literal('devices'), Type.Literal('required')], {
      description:
        'Who needs a certificate to log in to MQTT over TLS. optional: devices without one log in with their secret; devices: all devices, while programs log in with their keys; required: everybody, so that programs stay out.',
      default: 'optional',
    }),
  },
  { additionalProperties: false, default: {} },
)

export const DemoConfig = Type.Object(
  {
    enabled: Type.Boolean({ description: 'Run the simulated demo catchment (26 stations).', default: true }),
    seed: Type.Integer({ description: 'Seed of its weather.', default: 1, minimum: 0 }),
    historyDays: Type.Number({ description: 'Days of history that are sent at the first start.', default: 7, minimum: 0, maximum: 60 }),
  },
  { additionalProperties: false, default: {} },
)

export const networksSchema = Type.Array(Type.String(), {
  description: 'Network files (YAML) of the real fleet.',
  default: [],
})

export type ServerSettings = Static<typeof ServerConfig>
export type DemoSettings = Static<typeof DemoConfig>
