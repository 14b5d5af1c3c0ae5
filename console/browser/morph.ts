/**
 * Makes an element like another one, changing only what differs: what stays is the same element, with its focus, its place of scrolling and
 * whether its details are open, so that nothing flickers and a live region (`role=status`) says what is new in it.
 */
export function morph(from: Element, to: Element): void {
  takeAttributes(from, to)
  const [old, next] = [[...from.childNodes], [...to.childNodes]]
  for (const [place, node] of next.entries()) {
    const there = old[place]
    if (there === undefined) from.append(document.importNode(node, true))
    else if (!isOfAKind(there, node)) there.replaceWith(document.importNode(node, true))
    else if (there instanceof Element && node instanceof Element) morph(there, node)
    else if (there.nodeValue !== node.nodeValue) there.nodeValue = node.nodeValue
  }
  for (const node of old.slice(next.length)) node.remove()
}

/** Two things with ids of their own are two things. */
function isOfAKind(a: Node, b: Node): boolean {
  if (a.nodeType !== b.nodeType || a.nodeName !== b.nodeName) return false
  return !(a instanceof Element && b instanceof Element) || a.id === b.id
}

function takeAttributes(from: Element, to: Element): void {
  for (const { name } of [...from.attributes]) if (!to.hasAttribute(name) && !isTheReaders(from, name)) from.removeAttribute(name)
  for (const { name, value } of to.attributes)
    if (from.getAttribute(name) !== value && !isTheReaders(from, name)) from.setAttribute(name, value)
}

/** What the reader opened stays open. */
const isTheReaders = (element: Element, name: string): boolean => name === 'open' && element instanceof HTMLDetailsElement
