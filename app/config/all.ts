import Type, { type Static } from 'typebox'
import { AnalyticsConfig } from '../../analytics/config.ts'
import { ApiConfig } from '../../api/config.ts'
import { BrokerConfig } from '../../broker/config.ts'
import { GatewaysConfig } from '../../gateways/config.ts'
import { IngestConfig } from '../../ingest/config.ts'
import { JournalConfig } from '../../ingest/journal/config.ts'
import { NotifyConfig } from '../../notify/config.ts'
import { StoreConfig } from '../../store/config.ts'
import { InfluxConfig } from '../../store/influx/config.ts'
import { DemoConfig, networksSchema, ServerConfig, TlsConfig } from './schema.ts'

/** The whole configuration: each section is declared beside the code that reads it. */
export const GaugekeeperConfig = Type.Object(
  {
    server: ServerConfig,
    tls: TlsConfig,
    networks: networksSchema,
    broker: BrokerConfig,
    gateways: GatewaysConfig,
    journal: JournalConfig,
    ingest: IngestConfig,
    store: StoreConfig,
    influx: InfluxConfig,
    analytics: AnalyticsConfig,
    notify: NotifyConfig,
    api: ApiConfig,
    demo: DemoConfig,
  },
  { additionalProperties: false, default: {} },
)

export type Settings = Static<typeof GaugekeeperConfig>
