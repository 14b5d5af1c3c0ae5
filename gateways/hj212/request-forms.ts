// Requests of HJ 212-2017 (table 9) as data: what each may carry. 2025 adds CalibrationType.

/** A field of a request. */
interface RequestField {
  name: string
  fits: (text: string) => boolean
  /** What fits, for people. */
  says: string
  isOptional?: boolean
}

/** A request by its CN. */
interface RequestForm {
  meaning: string
  fields: readonly RequestField[]
  /** A notice is over with 9013; others with 9012. */
  isNotice?: boolean
}

/** Whether a text can stand as a PolId. */
export const isPolId = (text: string): boolean => /^[0-9A-Za-z]{1,10}$/.test(text)

const polId: RequestField = { name: 'PolId', fits: isPolId, says: 'a factor code such as w01018' }
const like =
  (shape: RegExp) =>
  (text: string): boolean =>
    shape.test(text)
const time = (name: string): RequestField => ({ name, fits: like(/^\d{14}$/), says: 'a time YYYYMMDDhhmmss, in Beijing time' })
const number = (name: string, least: number, most: number, unit: string): RequestField => ({
  name,
  fits: (text) => /^[1-9]\d{0,3}$/.test(text) && Number(text) >= least && Number(text) <= most,
  says: `a whole number from ${least} to ${most}${unit}`,
})
const period = [time('BeginTime'), time('EndTime')]
const optional = (field: RequestField): RequestField => ({ ...field, isOptional: true })

/** CN -> its form. 1012 gets the time where none is given, and 1072 its password, from the gateway, so that it stands in no log. */
export const requestForms: ReadonlyMap<string, RequestForm> = new Map<string, RequestForm>([
  ['1000', { meaning: 'set time-out and resends', fields: [number('OverTime', 1, 99, ' s'), number('ReCount', 1, 99, '')] }],
  ['1011', { meaning: 'tell the time', fields: [optional(polId)] }],
  ['1012', { meaning: 'set the clock', fields: [optional(polId), time('SystemTime')] }],
  ['1061', { meaning: 'tell the real-time interval', fields: [] }],
  ['1062', { meaning: 'set the real-time interval', fields: [number('RtdInterval', 30, 3600, ' s')] }],
  ['1063', { meaning: 'tell the minute interval', fields: [] }],
  [
    '1064',
    {
      meaning: 'set the minute interval',
      fields: [{ name: 'MinInterval', fits: like(/^(?:[1-6]|10|12|15|20|30)$/), says: 'one of 1 to 6, 10, 12, 15, 20, 30 min' }],
    },
  ],
  ['1072', { meaning: 'change the password', fields: [] }],
  ['2011', { meaning: 'send real-time data', fields: [] }],
  ['2012', { meaning: 'stop real-time data', fields: [], isNotice: true }],
  ['2021', { meaning: 'send the state of equipment', fields: [] }],
  ['2022', { meaning: 'stop the state of equipment', fields: [], isNotice: true }],
  ['2031', { meaning: 'send day data', fields: period }],
  ['2041', { meaning: 'send running times of equipment', fields: period }],
  ['2051', { meaning: 'send minute data', fields: period }],
  ['2061', { meaning: 'send hour data', fields: period }],
  [
    '3011',
    { meaning: 'calibrate', fields: [polId, optional({ name: 'CalibrationType', fits: like(/^[01]$/), says: '0 zero, 1 span (2025)' })] },
  ],
  ['3012', { meaning: 'sample now', fields: [polId] }],
  ['3013', { meaning: 'clean, or blow back', fields: [polId] }],
  ['3014', { meaning: 'take a comparison sample', fields: [polId] }],
  ['3015', { meaning: 'keep an over-limit sample', fields: [polId] }],
  [
    '3016',
    {
      meaning: 'set the sampling period',
      fields: [
        polId,
        { name: 'CstartTime', fits: like(/^(?:[01]\d|2[0-3])[0-5]\d[0-5]\d$/), says: 'a time of day hhmmss' },
        number('Ctime', 1, 24, ' h'),
      ],
    },
  ],
  ['3017', { meaning: 'tell the sampling period', fields: [polId] }],
  ['3018', { meaning: 'tell the output time', fields: [polId] }],
  ['3019', { meaning: 'tell the unique id', fields: [polId] }],
  [
    '3020',
    {
      meaning: 'tell of the device',
      fields: [polId, { name: 'InfoId', fits: like(/^i[0-9A-Za-z]{5}$/), says: 'a code such as i11001' }, ...period],
    },
  ],
])
