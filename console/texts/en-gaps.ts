/** English words of a device's page: what came of what should have, and what is missing. */
export const enGaps = {
  titles: {
    gaps: 'Gaps',
    hours: 'The last 48 hours',
    days: 'The last 30 days',
  },
  buttons: { device: 'Gaps', open: 'Open', all: 'All', setAside: 'What was set aside' },
  columns: {
    series: 'Series',
    from: 'From',
    to: 'To',
    missing: 'Missing',
    arrived: 'Came late',
    cause: 'Why',
    state: 'State',
    request: 'Asked again',
  },
  cause: {
    'never-arrived': 'Sent, never arrived',
    quarantined: 'Came, and was set aside',
    'device-off': 'The device measured or sent nothing',
    'store-late': 'Came in time, stored late',
  },
  state: { open: 'open', closed: 'closed', 'given-up': 'given up' },
  request: {
    waiting: 'waiting for its answer',
    done: 'done',
    refused: 'the device refused',
    busy: 'the device was busy',
    'no-answer': 'no answer',
    unreachable: 'not connected',
    unsupported: 'it cannot send again',
  },
  say: {
    lasts: 'lasts',
    notAsked: 'not asked',
    times: (tries: number) => `${tries} times`,
    complete: (share: string) => `${share} came`,
    notSummed: 'nothing summed up yet',
    readingBack: 'The server was just started and still reads back what is stored: more gaps may follow.',
    more: (count: number) => `The newest ${count} are shown.`,
  },
  empty: {
    gaps: { sentence: 'Nothing is missing.', reason: 'Each reading that was due has come.', action: 'Show all gaps' },
    series: { sentence: 'No series with an interval.', reason: 'Only such a series can miss a reading.', action: 'How gaps are found' },
  },
}
