import { readMessage } from './codec.ts'
import { digits, hexText, type Frame } from './frame.ts'
import { writeBeijing, type Item, type Message } from './message.ts'

/** Bits of the status word ZT (table 58) -> what is said of them when they are as given. Bits 7 and 10 are quiet at 1. */
const statusBits: readonly (readonly [bit: number, at: 0 | 1, says: string])[] = [
  [0, 1, 'mains off'],
  [1, 1, 'battery low'],
  [2, 1, 'level over limit'],
  [3, 1, 'flow over limit'],
  [4, 1, 'quality over limit'],
  [5, 1, 'flow meter at fault'],
  [6, 1, 'level meter at fault'],
  [7, 0, 'box open'],
  [8, 1, 'memory at fault'],
  [9, 1, 'IC card valid'],
  [10, 0, 'pump on'],
  [11, 1, 'remaining quantity over'],
]

/** Events of the log (table 82), from ERC1 on. */
const events: readonly string[] = [
  ...['history cleared', 'parameter changed', 'state changed', 'sensor fault', 'password changed', 'terminal fault', 'mains lost'],
  ...['battery low', 'box opened', 'pump fault', 'remaining quantity', 'level', 'pressure', 'quality', 'data error', 'sent', 'received'],
  'send error',
]

/** What the answer to a request (45H, 46H, 50H, 51H and others) says, as a part of a sentence. `now`: our clock, epoch ms. */
export function answerText(frame: Frame, now: number): string {
  const message = readMessage(frame)
  if ('problem' in message) return `answered; ${message.problem}`
  if (frame.code === 0x45) return `software version ${JSON.stringify((message.text ?? '').slice(0, 100))}`
  if (frame.code === 0x51) return clockText(message, now)
  const items = message.parts.flatMap((part) => part.items)
  const status = items.find((item) => item.kind === 'status')
  if (status?.kind === 'status') return statusText(status.bits)
  const log = items.find((item) => item.kind === 'counters')
  if (log?.kind === 'counters') return logText(log.values)
  const settings = items.flatMap(settingText)
  return settings.length === 0 ? 'answered' : `its configuration: ${settings.join(', ').slice(0, 400)}`
}

/** `23=300`: a setting by its identifier in HEX, which is another list than that of the elements. */
function settingText(item: Item): string[] {
  if (item.kind === 'number') return [`${digits(item.id, 2)}=${item.value ?? 'none'}`]
  return item.kind === 'raw' ? [`${digits(item.id, 2)}=${hexText(item.bytes)}H`] : []
}

function statusText(bits: number): string {
  const said = statusBits.flatMap(([bit, at, says]) => (((bits >>> bit) & 1) === at ? [says] : []))
  return `status ${digits(bits, 8)}: ${said.length === 0 ? 'nothing to tell' : said.join(', ')}`
}

function logText(values: readonly number[]): string {
  const met = values.flatMap((count, i) => (count > 0 ? [`${events[i] ?? `ERC${i + 1}`} ${count}`] : []))
  return met.length === 0 ? 'no events' : `events: ${met.join(', ')}`
}

/** The time of a station is that of its message, to the second. */
function clockText({ sentAt }: Message, now: number): string {
  if (sentAt === null) return 'its clock shows no time'
  const text = writeBeijing(sentAt, 12).replace(/^(..)(..)(..)(..)(..)(..)$/, '20$1-$2-$3 $4:$5:$6')
  const ahead = Math.round((sentAt - now) / 1000)
  return `its clock shows ${text} (Beijing), ${Math.abs(ahead)} s ${ahead < 0 ? 'behind' : 'ahead of'} ours`
}
