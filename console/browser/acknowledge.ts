import { refresh } from './refresh.ts'
import { voice } from './voice.ts'

const store = 'gk-acknowledge'

interface Waiting {
  address: string
  note: string
}

/**
 * Acknowledges without leaving the page. Without a connection the wish is kept and sent when there is one again; the api takes a second
 * acknowledgement as the first, so that sending twice does no harm.
 */
export function watchAcknowledge(): void {
  document.addEventListener('submit', (event) => {
    const form = event.target
    if (!(form instanceof HTMLFormElement) || form.dataset.acknowledge === undefined) return
    event.preventDefault()
    const note = new FormData(form).get('note')
    send({ address: form.dataset.acknowledge, note: typeof note === 'string' ? note : '' }, form).catch(() => form.submit())
  })
  addEventListener('online', () => void sendWaiting())
  void sendWaiting()
}

async function send(wish: Waiting, form: HTMLFormElement): Promise<void> {
  const button = form.querySelector('button')
  if (button) button.disabled = true
  try {
    const answer = await post(wish)
    // a refusal (no login any more) is told by the page that the plain form leads to
    if (!answer.ok) return form.submit()
  } catch {
    keep(wish)
    const told = document.createElement('p')
    told.className = 'done'
    told.role = 'status'
    told.textContent = voice.t.browser.queued
    form.replaceWith(told)
    return
  }
  form.querySelector('input')?.blur()
  await refresh()
}

const post = ({ address, note }: Waiting): Promise<Response> =>
  fetch(address, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(note === '' ? {} : { note }),
  })

function waiting(): Waiting[] {
  try {
    return JSON.parse(localStorage.getItem(store) ?? '[]') as Waiting[]
  } catch {
    return [] // what stands there is none of ours
  }
}

function keep(wish: Waiting): void {
  const others = waiting().filter((one) => one.address !== wish.address)
  localStorage.setItem(store, JSON.stringify([...others, wish].slice(-100)))
}

/** Sends what had to wait; what still finds no connection waits on. */
async function sendWaiting(): Promise<void> {
  const wishes = waiting()
  if (wishes.length === 0) return
  const left: Waiting[] = []
  for (const wish of wishes) {
    try {
      await post(wish)
    } catch {
      left.push(wish)
    }
  }
  localStorage.setItem(store, JSON.stringify(left))
  if (left.length < wishes.length) await refresh()
}
